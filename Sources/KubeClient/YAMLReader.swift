// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CYAML

/// Reads the first document of a YAML text, with libyaml.
///
/// Aliases count as often as they repeat something, so a short text cannot grow without bounds.
struct YAMLReader: ~Copyable {
    /// Why a text was refused.
    enum Failure: Error {
        /// It is not YAML, has a key twice, or an alias of nothing.
        case notYAML
        /// It has more nodes than allowed, or is nested too deeply.
        case tooLarge
    }

    private static let depthLimit = 100

    private var parser = yaml_parser_t()
    private var anchors: [String: (value: YAMLValue, nodes: Int)] = [:]
    private var nodes = 0
    private let nodeLimit: Int

    private init(nodeLimit: Int) {
        self.nodeLimit = nodeLimit
    }

    /// The value of a text; nil when there is none in it.
    static func read(_ text: String, nodeLimit: Int) throws(Failure) -> YAMLValue? {
        var reader = YAMLReader(nodeLimit: nodeLimit)
        guard yaml_parser_initialize(&reader.parser) == 1 else { throw .tooLarge }
        defer { yaml_parser_delete(&reader.parser) }
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBufferPointer { buffer throws(Failure) in
            yaml_parser_set_input_string(&reader.parser, buffer.baseAddress, buffer.count)
            return try reader.document()
        }
    }

    // MARK: Events

    private enum Event {
        case beginning
        case end
        case scalar(String, isPlain: Bool, anchor: String?)
        case alias(String)
        case sequenceStart(anchor: String?)
        case mappingStart(anchor: String?)
        case collectionEnd
    }

    private mutating func next() throws(Failure) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(&parser, &event) == 1 else { throw .notYAML }
        defer { yaml_event_delete(&event) }
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.plain_implicit == 1
            return .scalar(text, isPlain: isPlain, anchor: Self.name(scalar.anchor))
        case YAML_ALIAS_EVENT: return .alias(Self.name(event.data.alias.anchor) ?? "")
        case YAML_SEQUENCE_START_EVENT: return .sequenceStart(anchor: Self.name(event.data.sequence_start.anchor))
        case YAML_MAPPING_START_EVENT: return .mappingStart(anchor: Self.name(event.data.mapping_start.anchor))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .collectionEnd
        case YAML_STREAM_END_EVENT, YAML_DOCUMENT_END_EVENT: return .end
        default: return .beginning
        }
    }

    private static func name(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        bytes.map { String(decodingCString: $0, as: UTF8.self) }
    }

    // MARK: Values

    private mutating func document() throws(Failure) -> YAMLValue? {
        while true {
            switch try next() {
            case .beginning: continue
            case .end: return nil
            case let event: return try value(event, depth: 0)
            }
        }
    }

    /// The value that begins with an event; nil at the end of the collection around it.
    private mutating func value(_ event: Event, depth: Int) throws(Failure) -> YAMLValue? {
        if case .collectionEnd = event { return nil }
        let before = nodes
        try count(1)
        guard depth < Self.depthLimit else { throw .tooLarge }
        let (value, anchor): (YAMLValue, String?)
        switch event {
        case .beginning, .end, .collectionEnd: throw .notYAML
        case .alias(let name):
            guard let known = anchors[name] else { throw .notYAML }
            try count(known.nodes)
            return known.value
        case .scalar(let text, let isPlain, let name): (value, anchor) = (.scalar(text, isPlain: isPlain), name)
        case .sequenceStart(let name): (value, anchor) = (.sequence(try elements(depth)), name)
        case .mappingStart(let name): (value, anchor) = (.mapping(try members(depth)), name)
        }
        if let anchor { anchors[anchor] = (value, nodes - before) }
        return value
    }

    private mutating func count(_ more: Int) throws(Failure) {
        nodes += more
        guard nodes <= nodeLimit else { throw .tooLarge }
    }

    private mutating func elements(_ depth: Int) throws(Failure) -> [YAMLValue] {
        var elements: [YAMLValue] = []
        while let element = try value(try next(), depth: depth + 1) { elements.append(element) }
        return elements
    }

    private mutating func members(_ depth: Int) throws(Failure) -> [String: YAMLValue] {
        var members: [String: YAMLValue] = [:]
        var merged: [[String: YAMLValue]] = []
        while let key = try value(try next(), depth: depth + 1) {
            guard case .scalar(let name, let isPlain) = key, let value = try value(try next(), depth: depth + 1) else {
                throw .notYAML
            }
            if name == "<<", isPlain {
                for case .mapping(let others) in value.elements + [value] { merged.append(others) }
            } else if members.updateValue(value, forKey: name) != nil {
                throw .notYAML
            }
        }
        // What is written out goes before what is merged in, and the first mapping before the others.
        for others in merged { members.merge(others) { own, _ in own } }
        return members
    }
}
