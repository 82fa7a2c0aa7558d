// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import KubeCore
import Yams

/// One `--set path=value` of the command line.
struct OverrideArgument: ExpressibleByArgument, Equatable {
    /// As it was written.
    let text: String
    /// The names on the way to the field.
    let path: [String]
    /// What the field becomes; null removes it.
    let value: JSONValue

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="),
            let path = Self.names(argument[..<equals]),
            let value = Self.value(String(argument[argument.index(after: equals)...]))
        else { return nil }
        text = argument
        self.path = path
        self.value = value
    }

    /// The merge patch of several; a later one wins over an earlier one.
    static func patch(_ arguments: [OverrideArgument]) -> JSONValue {
        arguments.reduce(.object([:])) { patch, argument in
            patch.setting(argument.path[...], to: argument.value)
        }
    }

    /// The names between dots; nil where one is empty.
    private static func names(_ text: Substring) -> [String]? {
        var names = [""]
        var isEscaped = false
        for character in text {
            if !isEscaped, character == "\\" {
                isEscaped = true
                continue
            }
            if !isEscaped, character == "." {
                names.append("")
            } else {
                names[names.count - 1].append(character)
            }
            isEscaped = false
        }
        return names.contains("") ? nil : names
    }

    private static func value(_ text: String) -> JSONValue? {
        guard let node = try? Yams.compose(yaml: text) else { return text.isEmpty ? .string("") : nil }
        return JSONValue(node)
    }
}

extension JSONValue {
    /// The object with one field set on the way of those names. Unlike a merge, null is a value here.
    fileprivate func setting(_ path: ArraySlice<String>, to value: JSONValue) -> JSONValue {
        guard let name = path.first else { return value }
        var members: [String: JSONValue] = [:]
        if case .object(let present) = self { members = present }
        members[name] = (members[name] ?? .object([:])).setting(path.dropFirst(), to: value)
        return .object(members)
    }

    /// What a YAML node is in JSON; nil for what JSON does not have.
    fileprivate init?(_ node: Node) {
        switch node {
        case .mapping(let mapping):
            var members: [String: JSONValue] = [:]
            for (key, item) in mapping {
                guard let name = key.scalar?.string, let value = JSONValue(item) else { return nil }
                members[name] = value
            }
            self = .object(members)
        case .sequence(let sequence):
            let items = sequence.compactMap { JSONValue($0) }
            guard items.count == sequence.count else { return nil }
            self = .array(items)
        case .scalar(let scalar): self.init(scalar.string, node)
        case .alias: return nil
        }
    }

    private init?(_ text: String, _ node: Node) {
        switch node.tagName {
        case .null: self = .null
        case .bool: self = .bool(node.bool ?? false)
        case .int:
            guard let value = node.int else { return nil }
            self = .int(Int64(value))
        case .float:
            guard let value = node.float, value.isFinite else { return nil }
            self = .double(value)
        default: self = .string(text)
        }
    }
}
