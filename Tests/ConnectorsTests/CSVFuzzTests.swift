// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Connectors

@Suite("CSV from hostile or unlucky sources")
struct CSVFuzzTests {
    private static let good = """
        \u{FEFF}time,"a ""quoted"" name",b,note\r
        2016-07-01 00:00:00,1.5,-2e3,"x, y\r\nz"\r
        \r
        2016-07-01T01:00:00,,"4",""\r2016-07-01 02:00,12345678901234567890,NA,"he said ""no\"""
        2016-07-01 03:00:00.0,.5,5.,end
        """
    private static let input = CSVInput(
        options: CSVOptions(delimiter: .detect),
        selection: CSVSelection(timestamp: "time", values: ["b", "a \"quoted\" name"])
    )

    /// The outcome in a form in which NaN equals NaN.
    private static func outcome(
        _ bytes: [UInt8],
        _ input: CSVInput,
        cuts: [Int] = [],
        threads: Int = 1,
        blockSize: Int = 1 << 20
    ) -> String {
        do {
            return "\(try read(bytes, input, cuts: cuts, threads: threads, blockSize: blockSize))"
        } catch {
            return "\(error)"
        }
    }

    @Test("a cut at any place, and at every place, changes nothing")
    func everyCut() throws {
        let bytes = Array(Self.good.utf8)
        let whole = Self.outcome(bytes, Self.input)
        #expect(whole.contains("rowCount: 4"))
        for cut in 0...bytes.count { #expect(Self.outcome(bytes, Self.input, cuts: [cut]) == whole) }
        #expect(Self.outcome(bytes, Self.input, cuts: Array(1..<bytes.count)) == whole)
    }

    @Test("blocks of any size, on any number of threads, change nothing", arguments: 1...4)
    func everyBlock(threads: Int) {
        let bytes = Array(Self.good.utf8)
        let whole = Self.outcome(bytes, Self.input)
        for size in 1...bytes.count {
            #expect(Self.outcome(bytes, Self.input, threads: threads, blockSize: size) == whole)
        }
    }

    @Test("mutated files never trap, and their outcome does not depend on cuts, blocks and threads")
    func mutations() {
        var random = SeededRandom(seed: 11)
        let alphabet = Array("\",;\r\n\t 0123456789.eE+-NaTZ\u{0}".utf8) + [0xEF, 0xBB, 0xBF, 0xFF]
        for _ in 0..<20_000 {
            var bytes = Array(Self.good.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = alphabet.randomElement(using: &random) ?? 0
                case 1: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
                default: bytes.remove(at: place)
                }
            }
            Self.expectSameOutcome(bytes, Self.input, &random)
        }
    }

    @Test("random bytes never trap, and their outcome does not depend on cuts, blocks and threads")
    func noise() {
        var random = SeededRandom(seed: 12)
        let alphabet = Array("\"\",,\r\n\n112.5".utf8)
        let input = CSVInput(options: CSVOptions(hasHeader: false), selection: CSVSelection(values: ["1"]))
        for round in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                round % 2 == 0 ? UInt8.random(in: 0...255, using: &random) : alphabet.randomElement(using: &random) ?? 0
            }
            Self.expectSameOutcome(bytes, input, &random)
        }
    }

    private static func expectSameOutcome(_ bytes: [UInt8], _ input: CSVInput, _ random: inout SeededRandom) {
        let cuts = (0..<Int.random(in: 1...5, using: &random)).map { _ in
            Int.random(in: 0...bytes.count, using: &random)
        }
        let (threads, blockSize) = (Int.random(in: 1...4, using: &random), Int.random(in: 1...100, using: &random))
        let whole = outcome(bytes, input)
        let pieces = outcome(bytes, input, cuts: cuts.sorted(), threads: threads, blockSize: blockSize)
        if whole != pieces {
            let way = "cuts \(cuts.sorted()), \(threads) threads, blocks of \(blockSize)"
            Issue.record("\(way) of \(bytes): \(whole) / \(pieces)")
        }
    }
}
