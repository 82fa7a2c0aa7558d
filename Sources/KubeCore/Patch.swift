// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How a PATCH changes an object.
package enum Patch: Sendable, Equatable {
    /// Server-side apply: the manager owns exactly the fields of the body. `force` takes fields over from others.
    case apply(fieldManager: String, force: Bool)
    /// JSON merge patch (RFC 7386): null removes a field, a list replaces a list.
    case merge(fieldManager: String?)

    /// The body's content type.
    ///
    /// The body is JSON for both, which YAML includes.
    package var contentType: String {
        switch self {
        case .apply: "application/apply-patch+yaml"
        case .merge: "application/merge-patch+json"
        }
    }

    /// The query items that go with it.
    package var queryItems: [KubeRequest.QueryItem] {
        switch self {
        case .apply(let manager, let force):
            [KubeRequest.QueryItem("fieldManager", manager)] + (force ? [KubeRequest.QueryItem("force", "true")] : [])
        case .merge(let manager):
            manager.map { [KubeRequest.QueryItem("fieldManager", $0)] } ?? []
        }
    }
}

/// What happens to the objects that a deleted object owns.
package enum PropagationPolicy: String, Sendable {
    /// They are deleted afterwards.
    case background = "Background"
    /// They are deleted first.
    case foreground = "Foreground"
    /// They stay.
    case orphan = "Orphan"
}
