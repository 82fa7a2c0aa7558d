// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Connectors

@Suite("CSV in blocks")
struct CSVBlockTests {
    private static let plain = [
        "1", "-2.5", "99.125", "0.001", "1234567", "", "12345678.9", "0.1234567890123456", "1e-3",
    ]
    private static let others = ["NA", " 7 ", "\"8\"", "\"9.5\"", "+1"]
    private static let notes = [
        "", "x", "a longer note", "\"n\"", "\"two,\nlines\"", "\"a \"\"quoted\"\" note\"", "5\"",
    ]

    /// Rows of a time, a number, a note and a number, and the places of their ends.
    private static func text(rows: Int, lineEnd: String, _ random: inout SeededRandom) -> (
        bytes: [UInt8], ends: Set<Int>
    ) {
        var bytes = Array("time,a,note,b\(lineEnd)".utf8)
        var ends: Set<Int> = [bytes.count]
        for row in 0..<rows {
            let pool = Int.random(in: 0..<8, using: &random) == 0 ? others : plain
            let cells = [
                "\(row * 60)", pool.randomElement(using: &random) ?? "", notes.randomElement(using: &random) ?? "",
                plain.randomElement(using: &random) ?? "",
            ]
            bytes += Array((cells.joined(separator: ",") + lineEnd).utf8)
            ends.insert(bytes.count)
        }
        return (bytes, ends)
    }

    private static let input = CSVInput(
        selection: CSVSelection(timestamp: "time", timestampFormat: .unixSeconds, values: ["b", "a"])
    )

    /// NaN as any other number.
    private static func bits(_ table: CSVTable) -> [[UInt64]] { table.columns.map { $0.values.map(\.bitPattern) } }

    @Test("many rows on several threads are those that one thread reads", arguments: ["\n", "\r\n", "\r"])
    func threads(lineEnd: String) throws {
        var random = SeededRandom(seed: 31)
        let (bytes, _) = Self.text(rows: 3_000, lineEnd: lineEnd, &random)
        let one = try read(bytes, Self.input, blockSize: 1 << 20)
        #expect(one.rowCount == 3_000)
        #expect(one.timestamps == (0..<3_000).map { $0 * 60 })
        for (threads, blockSize) in [(1, 100), (2, 1_000), (3, 4_096), (4, 17), (4, 50_000)] {
            let cuts = stride(from: 0, to: bytes.count, by: 10_007).map(\.self)
            let table = try read(bytes, Self.input, cuts: cuts, threads: threads, blockSize: blockSize)
            #expect(table.timestamps == one.timestamps)
            #expect(Self.bits(table) == Self.bits(one))
        }
    }

    @Test("the first of several errors is told, with its line, whichever thread is first")
    func errors() {
        var random = SeededRandom(seed: 32)
        var lines = (0..<2_000).map { "\($0 * 60),\($0),\"x\ny\",1" }
        for row in [700, 701, 1_500] { lines[row] = "\(row * 60),oops\(row),,1" }
        let bytes = Array(("time,a,note,b\n" + lines.joined(separator: "\n")).utf8)
        for threads in 1...4 {
            let blockSize = Int.random(in: 10...5_000, using: &random)
            let error = #expect(throws: ConnectorError.self) {
                try read(bytes, Self.input, threads: threads, blockSize: blockSize)
            }
            // Each row before it takes two lines.
            #expect(error?.description == "line 1402, column 'a': not a number: 'oops700'")
        }
    }

    @Test("offsets that differ between blocks are told with both lines, before an error further below")
    func offsets() {
        let lines = (0..<100).map { $0 == 60 ? "2016-07-01T01:00,1" : "2016-07-01T01:00Z,\($0 == 61 ? "x" : "1")" }
        let bytes = Array(("t,a\n" + lines.joined(separator: "\n")).utf8)
        let input = CSVInput(selection: CSVSelection(timestamp: "t", values: ["a"]))
        for blockSize in [1, 50, 1_000, 100_000] {
            let error = #expect(throws: ConnectorError.self) {
                try read(bytes, input, threads: 3, blockSize: blockSize)
            }
            let expected = "line 62, column 't': line 2 has a UTC offset and line 62 has none; write all or none"
            #expect(error?.description.hasPrefix(expected) == true)
        }
    }

    @Test("blocks end where records end, whatever their size", arguments: ["\n", "\r\n", "\r"])
    func cutter(lineEnd: String) {
        var random = SeededRandom(seed: 33)
        let (bytes, ends) = Self.text(rows: 200, lineEnd: lineEnd, &random)
        bytes.withUnsafeBytes { text in
            for size in [1, 10, 50, 333, 5_000] {
                let cutter = CSVBlockCutter(text, delimiter: ASCII.comma, isFinal: true)
                var position = 0
                while let end = cutter.end(ofBlockAt: position, size: size) {
                    #expect(ends.contains(end) && end > position)
                    position = end
                }
                #expect(position == bytes.count)
            }
        }
    }

    @Test("short decimals are the nearest numbers, and end where their digits do")
    func shortDecimals() {
        var random = SeededRandom(seed: 34)
        let decimals = DecimalParser()
        for _ in 0..<50_000 {
            let length = Int.random(in: 1...7, using: &random)
            var text = (0..<length).map { _ in Character("\(Int.random(in: 0...9, using: &random))") }
            if Bool.random(using: &random) { text[Int.random(in: 0..<length, using: &random)] = "." }
            let after = Array(",;\n\r e-/:x\"".utf8).randomElement(using: &random) ?? 0
            var bytes = Array(String(text).utf8) + [after]
            while bytes.count < 8 { bytes.append(UInt8.random(in: 0...255, using: &random)) }
            let word = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
            let short = ShortDecimal(word)
            #expect(short?.length == (text == ["."] ? nil : length), "\(String(text))")
            let value = short.map { decimals.quotient(small: $0.digits, places: $0.places) }
            #expect(value == strtodOrNil(String(text)), "\(String(text))")
        }
    }

    private func strtodOrNil(_ text: String) -> Double? { text == "." ? nil : strtod(text, nil) }

    @Test("words without a number, and longer numbers, are no short decimals")
    func noShortDecimals() {
        for text in ["........", "12345678", "1234567.", "123.4567", ",1234567", ".,123456", "e1234567", "-1234567"] {
            let word = Array(text.utf8).withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
            #expect(ShortDecimal(word) == nil, "\(text)")
        }
    }

    @Test("a field's end is the first delimiter or line break")
    func fieldEnds() {
        var random = SeededRandom(seed: 35)
        let alphabet = Array("aaaaaaaa1.\"\u{7F};,\n\r".utf8) + [0x0B, 0x8A, 0x8D, 0xAC, 0xFF, 0]
        let ends = CSVFieldEnds(delimiter: ASCII.comma)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            let start = Int.random(in: 0...bytes.count, using: &random)
            let expected = bytes[start...].firstIndex {
                [ASCII.comma, ASCII.lineFeed, ASCII.carriageReturn].contains($0)
            }
            #expect(bytes.withUnsafeBytes { ends.end(of: $0, from: start) } == expected ?? bytes.count)
        }
    }
}
