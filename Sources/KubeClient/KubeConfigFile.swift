// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore
import Yams

/// One kubeconfig file, or several merged, as far as Almanac reads it.
struct KubeConfigFile: Sendable {
    /// The name of the context to use, and the file that says so.
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
            let folder = (file as NSString).deletingLastPathComponent
            return folder.isEmpty ? path : folder + "/" + path
        }
    }

    struct Cluster: Decodable, Sendable {
        var server: String?
        var ca: String?
        var caData: String?
        var serverName: String?
        var skipsVerification: Bool?
        var proxy: String?

        enum CodingKeys: String, CodingKey {
            case server
            case ca = "certificate-authority"
            case caData = "certificate-authority-data"
            case serverName = "tls-server-name"
            case skipsVerification = "insecure-skip-tls-verify"
            case proxy = "proxy-url"
        }
    }

    struct User: Decodable, Sendable {
        var certificate: String?
        var certificateData: String?
        var key: String?
        var keyData: String?
        var token: String?
        var tokenFile: String?
        var username: String?
        var impersonatedUser: String?
        var exec: Present?
        var authProvider: Present?

        enum CodingKeys: String, CodingKey {
            case certificate = "client-certificate"
            case certificateData = "client-certificate-data"
            case key = "client-key"
            case keyData = "client-key-data"
            case token
            case tokenFile
            case username
            case impersonatedUser = "act-as"
            case exec
            case authProvider = "auth-provider"
        }
    }

    struct Context: Decodable, Sendable {
        var cluster: String?
        var user: String?
        var namespace: String?
    }

    /// A part that is there; what it holds is not read.
    struct Present: Decodable, Sendable {
        init(from decoder: any Decoder) throws {}
    }

    /// Reads a file's text.
    ///
    /// Throws `KubeError.configuration` that names the file and the field.
    static func parse(_ text: String, file: String) throws -> KubeConfigFile {
        let wire: Wire
        do {
            // An empty file is a kubeconfig with nothing in it.
            wire =
                text.allSatisfy(\.isWhitespace) ? Wire() : try YAMLDecoder().decode(Wire.self, from: text)
        } catch let error as DecodingError where !Self.isSyntax(error) {
            throw KubeError.configuration(
                source: file,
                field: "kubeconfig",
                reason: DecodingFailure.describe(error)
            )
        } catch {
            throw KubeError.configuration(source: file, field: "kubeconfig", reason: "it is not YAML")
        }
        var config = KubeConfigFile(currentContext: wire.currentContext.flatMap { $0.isEmpty ? nil : $0 })
        for named in wire.clusters ?? [] {
            config.clusters.addFirst(named.name, Entry(file: file, content: named.cluster ?? Cluster()))
        }
        for named in wire.users ?? [] {
            config.users.addFirst(named.name, Entry(file: file, content: named.user ?? User()))
        }
        for named in wire.contexts ?? [] {
            config.contexts.addFirst(named.name, Entry(file: file, content: named.context ?? Context()))
        }
        return config
    }

    /// Whether the text is no YAML at all.
    ///
    /// Yams' own message would quote the text, which may be a secret.
    private static func isSyntax(_ error: DecodingError) -> Bool {
        guard case .dataCorrupted(let context) = error else { return false }
        return context.codingPath.isEmpty
    }

    /// Adds what another file has and this one has not.
    mutating func merge(_ other: KubeConfigFile) {
        currentContext = currentContext ?? other.currentContext
        clusters.merge(other.clusters) { first, _ in first }
        users.merge(other.users) { first, _ in first }
        contexts.merge(other.contexts) { first, _ in first }
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

extension Dictionary {
    /// Sets a value unless there is one.
    fileprivate mutating func addFirst(_ key: Key, _ value: Value) {
        if self[key] == nil { self[key] = value }
    }
}
