// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Serving

@Suite("The JSON scanner")
struct JSONScannerTests {
    private func numbers(_ text: String) throws -> (values: [Double], shape: [Int]) {
        var scanner = JSONScanner(Array(text.utf8))
        var values: [Double] = []
        let shape = try scanner.numbers("data", into: &values)
        try scanner.requireEnd()
        return (values, shape)
    }

    private func problem(_ text: String) -> String {
        do {
            let found = try numbers(text)
            return "no problem: \(found)"
        } catch {
            return "\(error)"
        }
    }

    @Test("numbers are the nearest doubles, as the C library reads them")
    func nearest() throws {
        var random = SeededRandom(seed: 11)
        var texts = ["0", "-0", "1e22", "1e23", "9007199254740993", "0.1", "1E-5", "123456789012345678901234567890"]
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            if value.isFinite { texts.append("\(value)") }
            let digits = String(random.next() >> UInt64.random(in: 0..<60, using: &random))
            texts.append("\(digits).\(random.next() % 100_000)e\(Int.random(in: -30...30, using: &random))")
        }
        let values = try numbers("[" + texts.joined(separator: ",") + "]").values
        #expect(values.count == texts.count)
        for (text, value) in zip(texts, values) where value.bitPattern != strtod(text, nil).bitPattern {
            Issue.record("\(text) was read as \(value)")
        }
    }

    @Test("nested arrays are row-major with their shape, white space does not matter")
    func nested() throws {
        let found = try numbers(" [ [ [1 ,2],[3,4] , [5,6]],\n[[7,8],[9,10],[11,12]]] ")
        #expect(found.shape == [2, 3, 2])
        #expect(found.values == (1...12).map(Double.init))
        #expect(try numbers("[]").shape == [0])
    }

    @Test(
        "what is no number is named with its place",
        arguments: [
            ("[1,null]", "data[1]: is 'null'; must be a number"),
            ("[[1,2],[3,\"x\"]]", "data[1][1]: is a string; must be a number"),
            ("[NaN]", "data[0]: is 'NaN'; must be a number"),
            ("[-Infinity]", "data[0]: is '-Infinity'; must be a number"),
            ("[1e999]", "data[0]: is too large"),
            ("[[1,2],[3]]", "data[1]: has shape [1]; those before it have [2]"),
            ("[[1],2]", "data[1]: is a number; must be an array"),
            ("[1,[2]]", "data[1]: is an array; must be a number"),
            ("{}", "data: is an object; must be an array of numbers"),
            ("[[[[[1]]]]]", "deeper than 4"),
            ("[1", "is not JSON"),
            ("[01]", "is not JSON"),
            ("[1.]", "is not JSON"),
            ("[+1]", "is not JSON"),
            ("[1] 2", "is not JSON"),
        ]
    )
    func faults(_ text: String, _ expected: String) {
        #expect(problem(text).contains(expected), "\(problem(text))")
    }

    @Test("strings are read with their escapes, and broken ones are refused")
    func strings() throws {
        var scanner = JSONScanner(Array(#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00ü""#.utf8))
        #expect(try scanner.string("id") == "a\"\\/\u{8}\u{c}\n\r\té😀ü")
        for broken in [#"""#, #""\u12"#, #""\ud83d""#, #""\ud83dA""#, #""\x""#, "\"\u{1}\"", #""\u00g0""#] {
            var scanner = JSONScanner(Array(broken.utf8))
            #expect(throws: ServingError.self, "\(broken)") { try scanner.string("id") }
        }
        var invalid = JSONScanner([0x22, 0xFF, 0x22])
        #expect(throws: ServingError.self) { try invalid.string("id") }
    }

    @Test("depth is bounded, whatever a client nests")
    func depth() {
        for open in ["[", "{\"a\":"] {
            var scanner = JSONScanner(Array(String(repeating: open, count: 100_000).utf8))
            #expect(throws: ServingError.self) { try scanner.skip() }
        }
    }
}
