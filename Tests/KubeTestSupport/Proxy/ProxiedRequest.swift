// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a client asked the API server for, as far as rules and oracles look at it.
package struct ProxiedRequest: Sendable, Equatable, CustomStringConvertible {
    /// What is done to the resource.
    package enum Verb: String, Sendable, CaseIterable {
        case get, list, watch, create, replace, patch, delete

        /// Whether it changes anything.
        package var isWrite: Bool { ![.get, .list, .watch].contains(self) }
    }

    /// What is done.
    package var verb: Verb
    /// The plural name, for instance `configmaps`; empty for paths that are none of a resource.
    package var resource = ""
    /// The namespace, empty where there is none.
    package var namespace = ""
    /// The object's name, empty where there is none.
    package var name = ""
    /// Who asks: the `User-Agent`.
    package var agent = ""
    /// The query's items.
    package var query: [String: String] = [:]
    /// The path with its query, as it was sent.
    package var target: String

    /// Reads a request's first line and agent; nil where it is none of HTTP.
    package init?(firstLine: String, agent: String) {
        let words = firstLine.split(separator: " ")
        guard words.count == 3 else { return nil }
        target = String(words[1])
        self.agent = agent
        let parts = target.split(separator: "?", maxSplits: 1)
        for item in parts.dropFirst().joined().split(separator: "&") {
            let pair = item.split(separator: "=", maxSplits: 1)
            query[String(pair[0])] = pair.count > 1 ? String(pair[1]).removingPercentEncoding : ""
        }
        // /api/v1/... or /apis/group/version/...
        var path = (parts.first ?? "").split(separator: "/").map(String.init)
        path.removeFirst(min(path.count, path.first == "api" ? 2 : path.first == "apis" ? 3 : path.count))
        if path.count > 2, path[0] == "namespaces" {
            namespace = path[1]
            path.removeFirst(2)
        }
        resource = path.first ?? ""
        name = path.count > 1 ? path[1] : ""
        switch words[0] {
        case "POST": verb = .create
        case "PUT": verb = .replace
        case "PATCH": verb = .patch
        case "DELETE": verb = .delete
        default: verb = !name.isEmpty || resource.isEmpty ? .get : query["watch"] == "true" ? .watch : .list
        }
    }

    package var description: String { "\(agent): \(verb.rawValue) \(target)" }
}
