// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore
import Yams

/// Decodes a YAML node as strictly as an API server takes an object: no field that the type lacks, no number for a
/// text. Each fault carries its line, which `YAMLDecoder` of Yams does not tell.
struct NodeDecoder: Decoder {
    let node: Node
    let path: FieldPath
    let log: FieldLog

    var codingPath: [any CodingKey] { path.keys }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let mapping = node.mapping else { throw fault("must be a mapping of fields, not \(node.kindInWords)") }
        return KeyedDecodingContainer(MappingContainer<Key>(mapping: mapping, decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let sequence = node.sequence else { throw fault("must be a list, not \(node.kindInWords)") }
        return SequenceContainer(sequence: sequence, decoder: self)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { ScalarContainer(decoder: self) }

    /// A fault of this node.
    func fault(_ message: String) -> CLIError {
        .badField(FileProblem(line: node.mark?.line, field: path.text, message: message))
    }

    /// Decodes the node as a whole.
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if type == Date.self, let date = try date() as? T { return date }
        if let choices = type as? any CaseIterable.Type { try checkChoice(choices) }
        return try T(from: self)
    }

    private func date() throws -> Date {
        let text = try text()
        guard let date = KubeTime.parse(text) else { throw fault("'\(text)' is not an RFC 3339 time") }
        return date
    }

    private func checkChoice(_ type: any CaseIterable.Type) throws {
        let choices = names(of: type)
        guard !choices.isEmpty else { return }
        let text = try text()
        guard !choices.contains(text) else { return }
        let nearest = NearestName.of(text, among: choices).map { "; did you mean '\($0)'?" } ?? ""
        throw fault("is '\(text)'; it must be one of \(choices.joined(separator: ", "))\(nearest)")
    }

    private func names<Choice: CaseIterable>(of type: Choice.Type) -> [String] {
        type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
    }
}

extension NodeDecoder {
    func text() throws -> String {
        guard let scalar = node.scalar else { throw fault("must be a string, not \(node.kindInWords)") }
        switch node.tagName {
        // A date without quotes is a string to the API as well.
        case .str, .timestamp: return scalar.string
        default: throw fault("must be a string, not \(node.kindInWords); put it in quotes")
        }
    }

    func bool() throws -> Bool {
        guard node.tagName == .bool, let value = node.bool else {
            throw fault("must be true or false, not \(node.kindInWords)")
        }
        return value
    }

    func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
        guard node.tagName == .int, let text = node.scalar?.string else {
            throw fault("must be a whole number, not \(node.kindInWords)")
        }
        guard let wide = node.int, let value = Value(exactly: wide) else { throw fault("\(text) is out of range") }
        return value
    }

    func number() throws -> Double {
        guard node.tagName == .int || node.tagName == .float, let value = node.float else {
            throw fault("must be a number, not \(node.kindInWords)")
        }
        return value
    }
}

extension Node {
    /// The type that YAML's rules give the node.
    var tagName: Tag.Name { Tag.Name(rawValue: tag.description) }

    /// What a reader of the file sees there.
    var kindInWords: String {
        switch self {
        case .mapping: return "a mapping"
        case .sequence: return "a list"
        case .alias: return "an alias"
        case .scalar(let scalar):
            switch tagName {
            case .null: return "empty"
            case .bool: return "the truth value \(scalar.string)"
            case .int, .float: return "the number \(scalar.string)"
            default: return "the string '\(scalar.string.prefix(40))'"
            }
        }
    }
}
