// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Any JSON, for the parts of an object that Almanac passes on without looking at them.
package enum JSONValue: Codable, Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without a fraction that fits 64 bits.
    case int(Int64)
    /// Any other number.
    case double(Double)
    /// A text.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// Values by name.
    case object([String: JSONValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Texts and objects first: a wrong guess costs an error with the whole path in it, and they are what there is most.
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? decoder.container(keyedBy: Name.self) {
            var members: [String: JSONValue] = [:]
            for name in value.allKeys { members[name.stringValue] = try value.decode(JSONValue.self, forKey: name) }
            self = .object(members)
        } else if var list = try? decoder.unkeyedContainer() {
            var values: [JSONValue] = []
            while !list.isAtEnd { values.append(try list.decode(JSONValue.self)) }
            self = .array(values)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .int(value)
        } else {
            self = .double(try container.decode(Double.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// The value of that name; nil where this is no object or has none of that name.
    ///
    /// Setting nil removes it.
    package subscript(name: String) -> JSONValue? {
        get {
            guard case .object(let members) = self else { return nil }
            return members[name]
        }
        set {
            guard case .object(var members) = self else { return }
            members[name] = newValue
            self = .object(members)
        }
    }

    /// The text, where this is one.
    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// Whether everything that is wanted is here too: members of objects may be more, lists are the same.
    ///
    /// A member that is wanted to be null or empty may be missing, as servers leave out what is empty.
    package func holds(_ wanted: JSONValue) -> Bool {
        switch (self, wanted) {
        case (.object(let found), .object(let wanted)):
            wanted.allSatisfy { name, value in found[name]?.holds(value) ?? value.isNothing }
        case (.array(let found), .array(let wanted)):
            found.count == wanted.count && zip(found, wanted).allSatisfy { $0.holds($1) }
        case (.int(let int), .double(let double)), (.double(let double), .int(let int)): Double(int) == double
        default: self == wanted
        }
    }

    /// The name of a member, whatever it is.
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private var isNothing: Bool {
        switch self {
        case .null: true
        case .array(let values): values.isEmpty
        case .object(let members): members.values.allSatisfy(\.isNothing)
        case .bool, .int, .double, .string: false
        }
    }
}
