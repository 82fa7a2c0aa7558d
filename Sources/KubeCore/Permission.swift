// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Something that a program needs to be allowed to do.
package struct Permission: Sendable, Hashable, CustomStringConvertible {
    /// The verb, for instance `create`.
    package var verb: String
    /// The resource.
    package var resource: ResourceType
    /// The subresource, for instance `status`; nil for the resource itself.
    package var subresource: String?
    /// The namespace; nil for all of them, or for a resource of the whole cluster.
    package var namespace: String?

    /// Makes a permission.
    package init(_ verb: String, _ resource: ResourceType, subresource: String? = nil, namespace: String? = nil) {
        self.verb = verb
        self.resource = resource
        self.subresource = subresource
        self.namespace = namespace
    }

    package var description: String { "\(verb) \(place)" }

    /// What it is about, without the verb, for instance `jobs.batch/status in team-a`.
    private var place: String {
        let group = resource.group.isEmpty ? "" : ".\(resource.group)"
        let name = resource.plural + group + (subresource.map { "/\($0)" } ?? "")
        guard resource.namespaced else { return name }
        return name + (namespace.map { " in \($0)" } ?? " in all namespaces")
    }

    /// Several permissions in words, each once, the verbs about one thing together.
    package static func list(_ permissions: [Permission]) -> String {
        var places: [String] = []
        var verbs: [String: [String]] = [:]
        for permission in permissions {
            let place = permission.place
            if verbs[place] == nil { places.append(place) }
            if verbs[place]?.contains(permission.verb) != true { verbs[place, default: []].append(permission.verb) }
        }
        return places.map { "\(verbs[$0, default: []].joined(separator: ", ")) \($0)" }.joined(separator: "; ")
    }
}
