// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// The value with a JSON merge patch (RFC 7386) applied: objects are merged field by field, null removes a field,
    /// anything else replaces what was there.
    package func merging(_ patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members: [String: JSONValue] = [:]
        if case .object(let present) = self { members = present }
        for (name, change) in changes {
            members[name] = change == .null ? nil : (members[name] ?? .null).merging(change)
        }
        return .object(members)
    }
}
