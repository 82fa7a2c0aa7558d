// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The resources of one version of an API group, from `/apis/GROUP/VERSION`.
package struct APIResourceList: Codable, Sendable, Equatable {
    /// Group and version, for instance `batch/v1`.
    package var groupVersion: String
    /// The resources and their subresources.
    package var resources: [APIResource]

    /// Makes a list.
    package init(groupVersion: String, resources: [APIResource]) {
        self.groupVersion = groupVersion
        self.resources = resources
    }
}

/// A resource of a server.
package struct APIResource: Codable, Sendable, Equatable {
    /// The plural name, for instance `jobs`; of a subresource for instance `jobs/status`.
    package var name: String
    /// The kind of its objects.
    package var kind: String
    /// Whether objects live in namespaces.
    package var namespaced: Bool
    /// What can be done with it, for instance `list`.
    package var verbs: [String]

    /// Makes a resource.
    package init(name: String, kind: String, namespaced: Bool, verbs: [String]) {
        self.name = name
        self.kind = kind
        self.namespaced = namespaced
        self.verbs = verbs
    }
}

/// What a server can do, as it was when it was asked: groups, versions, resources and verbs.
package struct ServerResources: Sendable, Equatable {
    /// The server's groups and their versions, its favourite first; the core group is not among them.
    package var groups: APIGroupList
    /// Versions of groups that the server has and could not tell about, and why, by `GROUP/VERSION`.
    ///
    /// A server behind the API server that is away does that.
    package var unreachable: [String: String]
    private var resources: [String: [String: APIResource]]

    /// Makes one from lists.
    package init(groups: APIGroupList, lists: [APIResourceList], unreachable: [String: String] = [:]) {
        self.groups = groups
        self.unreachable = unreachable
        resources = [:]
        for list in lists {
            for resource in list.resources { resources[list.groupVersion, default: [:]][resource.name] = resource }
        }
    }

    /// Whether the server has that resource, in that version and scope, with all of these verbs.
    package func serves(_ type: ResourceType, verbs: [String] = []) -> Bool {
        guard let found = resources[type.apiVersion]?[type.plural] else { return false }
        return found.kind == type.kind && found.namespaced == type.namespaced && Set(found.verbs).isSuperset(of: verbs)
    }

    /// Whether the server has that subresource, for instance `status`.
    package func serves(_ type: ResourceType, subresource: String) -> Bool {
        serves(type) && resources[type.apiVersion]?["\(type.plural)/\(subresource)"] != nil
    }

    /// The first of the candidates that the server has, the best first; nil where it has none.
    package func preferred(among candidates: [ResourceType], verbs: [String] = []) -> ResourceType? {
        candidates.first { serves($0, verbs: verbs) }
    }
}
