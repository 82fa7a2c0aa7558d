// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import WebTokens

/// Tokens and keys that PyJWT made, and what is to become of them (`Reference/reference.py`).
struct ReferenceTokens: Decodable {
    struct Case: Decodable, CustomTestStringConvertible {
        var name: String
        var token: String
        /// The subject of a good token, or the error of a bad one.
        var expect: String

        var testDescription: String { name }
    }

    var now: Double
    var jwks: JSON
    var tokens: [Case]

    /// The key set as bytes.
    var keySet: Data { get throws { try JSONEncoder().encode(jwks) } }

    static let all: ReferenceTokens? = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        guard let data = try? Data(contentsOf: folder.appending(path: "Reference/tokens.json")) else { return nil }
        return try? JSONDecoder().decode(Self.self, from: data)
    }()

    /// Any JSON of texts, lists and objects.
    enum JSON: Codable {
        case text(String)
        case list([JSON])
        case object([String: JSON])

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                self = .text(text)
            } else if let list = try? value.decode([JSON].self) {
                self = .list(list)
            } else {
                self = .object(try value.decode([String: JSON].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .list(let list): try container.encode(list)
            case .object(let object): try container.encode(object)
            }
        }
    }
}
