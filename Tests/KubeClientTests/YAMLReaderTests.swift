// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore
import TestSupport
import Testing
import Yams

@testable import KubeClient

@Suite("YAML as kubectl reads it")
struct YAMLReaderTests {
    private func read(_ text: String) throws -> YAMLValue? { try YAMLReader.read(text, nodeLimit: 1_000) }

    @Test("quotes keep a text a text, and a field that is a text takes a number as written")
    func scalars() throws {
        let value = try #require(
            try read("{a: 012, b: '7', c: yes, d: ~, e: 1.50, f: nano, g: !!str 5, h: -.5, i: ., j: -0x1f, k: 08}")
        )
        #expect(
            value.json
                == .object([
                    "a": .int(10), "b": .string("7"), "c": .bool(true), "d": .null, "e": .double(1.5),
                    "f": .string("nano"), "g": .string("5"), "h": .double(-0.5), "i": .string("."), "j": .int(-31),
                    "k": .double(8),
                ])
        )
        #expect(value.texts.member("a") == .string("012") && value.texts.member("e") == .string("1.50"))
    }

    @Test("an alias repeats what it names, and a merged mapping gives way to what is written out")
    func aliases() throws {
        let value = try read("base: &b {x: 1, y: 2}\nother: {<<: *b, y: 3}\nboth: {<<: [{x: 7}, *b]}\nlist: [*b]")
        #expect(value?["other"]?.json == .object(["x": .int(1), "y": .int(3)]))
        #expect(value?["both"]?.json == .object(["x": .int(7), "y": .int(2)]))
        #expect(value?["list"]?.elements.first == value?["base"])
    }

    @Test(
        "what is no YAML is refused",
        arguments: ["{", "a: *nothing", "{a: 1, a: 2}", "{[a]: 1}", "a: b: c", "\t- a", "\"", "a: &a [*a]"]
    )
    func refused(text: String) {
        #expect(throws: YAMLReader.Failure.notYAML) { try read(text) }
    }

    @Test("nothing is nil, and only the first document counts", arguments: ["", "# just a comment\n", "---\n...\n"])
    func empty(text: String) throws {
        #expect(try read(text)?.isNull ?? true)
        #expect(try read("a: 1\n---\nb: 2")?.json == .object(["a": .int(1)]))
    }

    @Test("aliases of aliases, long lists and deep nests are refused before they cost anything")
    func bounded() {
        let laughs = (1...20).map { "l\($0): &l\($0) [\($0 == 1 ? "x" : "*l\($0 - 1), *l\($0 - 1)")]" }
        for text in [
            laughs.joined(separator: "\n"), "[" + String(repeating: "x,", count: 2_000) + "]",
            String(repeating: "[", count: 150) + String(repeating: "]", count: 150),
        ] {
            #expect(throws: YAMLReader.Failure.tooLarge) { try read(text) }
        }
    }

    @Test("no text makes it fall over, and what another reader takes it takes alike")
    func random() throws {
        var random = SeededRandom(seed: 12)
        let pieces = [
            "a", "b: ", ": ", "- ", "[", "]", "{", "}", ",", "\n", "  ", "&x ", "*x", "'", "\"", "|", ">", "#", "1",
        ]
        var taken = 0
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 1...12, using: &random))
                .map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let own = try? read(text)?.texts
            guard let other = try? Yams.compose(yaml: text)?.texts, let own else { continue }
            taken += 1
            #expect(own == other, "\(text)")
        }
        #expect(taken > 1_000)
    }
}

extension JSONValue {
    fileprivate func member(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }
}

extension Node {
    /// What `YAMLValue.texts` should be.
    fileprivate var texts: JSONValue {
        switch self {
        case .alias: .null
        case .scalar(let scalar): null != nil ? .null : .string(scalar.string)
        case .sequence(let nodes): .array(nodes.map(\.texts))
        case .mapping(let pairs):
            .object(Dictionary(pairs.map { ($0.key.string ?? "", $0.value.texts) }, uniquingKeysWith: { $1 }))
        }
    }
}
