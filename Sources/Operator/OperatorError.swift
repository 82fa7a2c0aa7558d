// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What the operator cannot do.
package enum OperatorError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another process leads now; nothing more is written.
    case notLeading
    /// An object of a name that is needed belongs to somebody else.
    case nameTaken(kind: String, name: String)
    /// The address to listen on is taken or malformed.
    case cannotListen(option: String, address: String, reason: String)

    package var description: String {
        switch self {
        case .notLeading: "another process leads now; nothing was written"
        case .nameTaken(let kind, let name):
            "\(kind) \(name) is there and not Almanac's; rename one of them or delete it"
        case .cannotListen(let option, let address, let reason): "\(option) \(address): \(reason)"
        }
    }
}
