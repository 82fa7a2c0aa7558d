// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A number or a name, as ports and rollout limits take it.
package enum IntOrString: Codable, Sendable, Hashable {
    /// A number.
    case int(Int32)
    /// A name, or a percentage such as `25%`.
    case string(String)

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int32.self) {
            self = .int(number)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .int(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        }
    }
}

extension IntOrString: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    package init(integerLiteral value: Int32) { self = .int(value) }

    package init(stringLiteral value: String) { self = .string(value) }
}
