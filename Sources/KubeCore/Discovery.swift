// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What the server says about itself at `/version`.
package struct ServerVersion: Codable, Sendable, Equatable {
    /// The major version, for instance `1`.
    package var major: String
    /// The minor version, for instance `27` or `27+`.
    package var minor: String
    /// The whole version, for instance `v1.27.3`.
    package var gitVersion: String

    /// Makes a version.
    package init(major: String, minor: String, gitVersion: String) {
        self.major = major
        self.minor = minor
        self.gitVersion = gitVersion
    }

    /// Whether this is at least that minor version of Kubernetes 1.
    package func isAtLeast(minor wanted: Int) -> Bool {
        guard let major = Int(major), let minor = Int(minor.prefix { $0.isASCII && $0.isNumber }) else { return false }
        return major > 1 || (major == 1 && minor >= wanted)
    }
}

/// The API groups that a server has, from `/apis`.
package struct APIGroupList: Codable, Sendable, Equatable {
    /// The groups, without the core group.
    package var groups: [APIGroup]

    /// Makes a list.
    package init(groups: [APIGroup]) {
        self.groups = groups
    }

    /// Whether the server has that group in that version.
    package func has(group: String, version: String) -> Bool {
        groups.contains { $0.name == group && $0.versions.contains { $0.version == version } }
    }
}

/// An API group and its versions.
package struct APIGroup: Codable, Sendable, Equatable {
    /// The group's name, for instance `batch`.
    package var name: String
    /// The versions, the server's favourite first.
    package var versions: [Version]

    /// A version of a group.
    package struct Version: Codable, Sendable, Equatable {
        /// Group and version, for instance `batch/v1`.
        package var groupVersion: String
        /// The version, for instance `v1`.
        package var version: String

        /// Makes a version.
        package init(groupVersion: String, version: String) {
            self.groupVersion = groupVersion
            self.version = version
        }
    }

    /// Makes a group.
    package init(name: String, versions: [Version]) {
        self.name = name
        self.versions = versions
    }
}
