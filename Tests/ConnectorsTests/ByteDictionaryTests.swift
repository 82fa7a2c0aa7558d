// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Connectors

@Suite("Texts as numbers")
struct ByteDictionaryTests {
    @Test("equal byte strings have one number, others another, in the order in which they first came")
    func numbers() throws {
        var random = SeededRandom(seed: 61)
        var dictionary = ByteDictionary(limit: 10_000)
        var oracle: [[UInt8]: Int32] = [:]
        for _ in 0..<60_000 {
            // Short ones of few letters, so that most are there already, and prefixes of each other.
            let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in UInt8.random(in: 0...1, using: &random)
            }
            let found = bytes.withUnsafeBytes { dictionary.find($0) }
            #expect(found == oracle[bytes])
            guard found == nil else { continue }
            oracle[bytes] = Int32(oracle.count)
            #expect(bytes.withUnsafeBytes { dictionary.add($0) } == oracle[bytes])
        }
        #expect(dictionary.count == oracle.count)
        for (bytes, code) in oracle { #expect(Array(dictionary[code]) == bytes) }
    }

    @Test("what is beyond the limit is not taken, and what is there is still found")
    func limit() {
        var dictionary = ByteDictionary(limit: 3)
        for number in 0..<5 {
            let code = Array("\(number)".utf8).withUnsafeBytes { dictionary.add($0) }
            #expect(code == (number < 3 ? Int32(number) : nil))
        }
        #expect(Array("1".utf8).withUnsafeBytes { dictionary.find($0) } == 1)
        #expect(Array("3".utf8).withUnsafeBytes { dictionary.find($0) } == nil)
    }
}
