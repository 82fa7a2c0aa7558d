// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Who asks, as far as that is known.
struct Caller: Sendable, Equatable {
    /// How it was shown.
    enum Method: String, Sendable {
        case key
        case token
        case kubernetes
    }

    var method: Method
    /// The key's name in its Secret, the token's subject, or the name that the cluster knows; nothing secret.
    var name: String

    /// The longest name in a log or an answer.
    private static let longest = 253

    /// The caller for a log.
    var label: String { "\(method.rawValue):\(name.prefix(Self.longest))" }
}
