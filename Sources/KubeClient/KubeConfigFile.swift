// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import KubeCore

/// One kubeconfig file, or several merged, as far as Almanac reads it.
struct KubeConfigFile: Sendable {
    /// The name of the context to use.
    var currentContext: String?
    var clusters: [String: Entry<Cluster>] = [:]
    var users: [String: Entry<User>] = [:]
    var contexts: [String: Entry<Context>] = [:]

    /// A named part and the file that it came from, against whose folder relative paths count.
    struct Entry<Content: Sendable>: Sendable {
        var file: String
        var content: Content

        /// A path of the file, made absolute.
        func absolute(_ path: String) -> String {
            if path.hasPrefix("/") { return path }
            guard let slash = file.lastIndex(of: "/") else { return path }
            return file[...slash] + path
        }
    }

    /// The most that a file may hold, far beyond any kubeconfig; parts count as often as aliases repeat them.
    static let sizeLimit = (bytes: 4 << 20, nodes: 200_000)

    /// Reads a file's text.
    ///
    /// Throws `KubeError.configuration` that names the file and the field.
    static func parse(_ text: String, file: String) throws -> KubeConfigFile {
        func failure(_ reason: String) -> KubeError {
            .configuration(source: file, field: "kubeconfig", reason: reason)
        }
        guard text.utf8.count <= sizeLimit.bytes else { throw failure("it is larger than \(sizeLimit.bytes) bytes") }
        let root: YAMLValue?
        do {
            root = try YAMLReader.read(text, nodeLimit: sizeLimit.nodes)
        } catch .notYAML {
            throw failure("it is not YAML")
        } catch .tooLarge {
            throw failure("it has more than \(sizeLimit.nodes) parts")
        }
        // An empty file is a kubeconfig with nothing in it.
        guard let root, !root.isNull else { return KubeConfigFile() }
        let wire: Wire
        do {
            wire = try JSONDecoder().decode(Wire.self, from: JSONEncoder().encode(root.texts))
        } catch {
            throw failure(DecodingFailure.describe(error))
        }
        var config = KubeConfigFile(currentContext: wire.currentContext.flatMap { $0.isEmpty ? nil : $0 })
        config.clusters = try named(wire.clusters, "clusters", file) { ($0.name, $0.cluster ?? Cluster()) }
        config.users = try named(wire.users, "users", file) { ($0.name, $0.user ?? User()) }
        config.contexts = try named(wire.contexts, "contexts", file) { ($0.name, $0.context ?? Context()) }
        config.addExtensions(from: root)
        return config
    }

    /// A list's entries by their name, which must be different.
    private static func named<Element, Content>(
        _ list: [Element]?,
        _ field: String,
        _ file: String,
        _ parts: (Element) -> (String, Content)
    ) throws -> [String: Entry<Content>] {
        var entries: [String: Entry<Content>] = [:]
        for element in list ?? [] {
            let (name, content) = parts(element)
            guard entries.updateValue(Entry(file: file, content: content), forKey: name) == nil else {
                throw KubeError.configuration(source: file, field: field, reason: "the name '\(name)' is there twice")
            }
        }
        return entries
    }

    /// Adds what another file has and this one has not, as kubectl does: entries are taken whole, never mixed.
    mutating func merge(_ other: KubeConfigFile) {
        currentContext = currentContext ?? other.currentContext
        clusters.merge(other.clusters) { first, _ in first }
        users.merge(other.users) { first, _ in first }
        contexts.merge(other.contexts) { first, _ in first }
    }

    /// Keeps what clusters hold for credential plugins, whatever its shape.
    private mutating func addExtensions(from root: YAMLValue) {
        for cluster in root["clusters"]?.elements ?? [] {
            guard let name = cluster["name"]?.text else { continue }
            for named in cluster["cluster"]?["extensions"]?.elements ?? []
            where named["name"]?.text == "client.authentication.k8s.io/exec" {
                clusters[name]?.content.pluginConfig = named["extension"]?.json
            }
        }
    }

    private struct Wire: Decodable {
        var currentContext: String?
        var clusters: [NamedCluster]?
        var users: [NamedUser]?
        var contexts: [NamedContext]?

        enum CodingKeys: String, CodingKey {
            case currentContext = "current-context"
            case clusters
            case users
            case contexts
        }
    }

    private struct NamedCluster: Decodable {
        var name: String
        var cluster: Cluster?
    }

    private struct NamedUser: Decodable {
        var name: String
        var user: User?
    }

    private struct NamedContext: Decodable {
        var name: String
        var context: Context?
    }
}
