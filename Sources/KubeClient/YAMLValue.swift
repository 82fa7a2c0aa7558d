// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore

/// A node of a YAML document, aliases resolved.
indirect enum YAMLValue: Sendable, Equatable {
    /// A text, and whether it was written without quotes and tag, so that it may mean something else.
    case scalar(String, isPlain: Bool)
    /// A list.
    case sequence([YAMLValue])
    /// Values by their keys.
    case mapping([String: YAMLValue])

    /// The value under a key, where this is a mapping that has it.
    subscript(key: String) -> YAMLValue? {
        guard case .mapping(let members) = self else { return nil }
        return members[key]
    }

    /// The elements, where this is a list.
    var elements: [YAMLValue] {
        guard case .sequence(let elements) = self else { return [] }
        return elements
    }

    /// The text, where this is a scalar.
    var text: String? {
        guard case .scalar(let text, _) = self else { return nil }
        return text
    }

    /// Whether it is written as nothing: an empty text without quotes, `~` or `null`.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = self else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// As JSON of texts: what a plain scalar means is up to whoever reads the field, as it is for kubectl.
    var texts: JSONValue { json { .string($0) } }

    /// As JSON with numbers and truth values, by the rules of YAML 1.1 that Kubernetes' tools follow.
    var json: JSONValue {
        json { text in
            if let truth = Self.truth(text) { return .bool(truth) }
            if let number = Self.integer(text) { return .int(number) }
            let isNumber = text.first.map { "+-.0123456789".contains($0) } ?? false
            return isNumber ? Double(text).map { .double($0) } ?? .string(text) : .string(text)
        }
    }

    private func json(_ plain: (String) -> JSONValue) -> JSONValue {
        switch self {
        case .scalar(let text, let isPlain): isNull ? .null : isPlain ? plain(text) : .string(text)
        case .sequence(let elements): .array(elements.map { $0.json(plain) })
        case .mapping(let members): .object(members.mapValues { $0.json(plain) })
        }
    }

    /// What a plain scalar says as a whole number: 10, 0x1f, 0b11, and octal 017 or 0o17.
    private static func integer(_ text: String) -> Int64? {
        let digits = text.drop { $0 == "+" || $0 == "-" }
        let sign = text.prefix(text.count - digits.count)
        guard digits.count > 1, digits.hasPrefix("0") else { return Int64(text) }
        let radices: [Character: Int] = ["x": 16, "b": 2, "o": 8]
        let radix = radices[digits[digits.index(after: digits.startIndex)]]
        return Int64(sign + digits.dropFirst(radix == nil ? 1 : 2), radix: radix ?? 8)
    }

    /// What a plain scalar says as a truth value; nil for anything else.
    static func truth(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": true
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": false
        default: nil
        }
    }
}

/// A truth value that may have been written as a text.
struct YAMLFlag: Decodable, Sendable {
    let value: Bool

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = YAMLValue.truth(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is neither true nor false")
        }
        self.value = value
    }
}
