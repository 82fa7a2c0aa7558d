// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Connectors

/// Measures, and so runs only when asked:
/// `ALMANAC_MEASURE_CSV=<folder of ETTh1.csv> swift test -c release -Xswiftc -enable-testing --filter CSVThroughputTests`
@Suite(
    "how fast CSV is read",
    .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["ALMANAC_MEASURE_CSV"] != nil)
)
struct CSVThroughputTests {
    private static let wantedBytes = 210 << 20
    private static let pieceSize = 256 << 10

    @Test("eight columns of short decimals, at least 100 MB/s")
    func decimals() throws {
        var random = SeededRandom(seed: 1)
        var lines = ""
        for _ in 0..<20_000 {
            let cells = (0..<8).map { _ in String(format: "%.3f", Double.random(in: -1000..<1000, using: &random)) }
            lines += cells.joined(separator: ",") + "\n"
        }
        let names = (1...8).map { "c\($0)" }
        let rate = try Self.rate(names.joined(separator: ",") + "\n", lines, CSVSelection(values: names))
        #expect(rate >= 100)
    }

    @Test("ETTh1 again and again with timestamps and seven columns, at least 100 MB/s")
    func transformer() throws {
        let folder = ProcessInfo.processInfo.environment["ALMANAC_MEASURE_CSV"] ?? ""
        let text = try String(contentsOfFile: folder + "/ETTh1.csv", encoding: .utf8)
        let end = try #require(text.firstIndex(of: "\n"))
        let header = text[...end]
        let names = header.dropLast().split(separator: ",").map(String.init)
        let selection = CSVSelection(timestamp: "date", values: Array(names.dropFirst()))
        let rate = try Self.rate(String(header), String(text[text.index(after: end)...]), selection)
        #expect(rate >= 100)
    }

    /// MB (10^6 bytes) a second over at least 210 MiB, the best of three.
    private static func rate(_ header: String, _ lines: String, _ selection: CSVSelection) throws -> Double {
        var text = Array(header.utf8)
        while text.count < wantedBytes { text += lines.utf8 }
        var best = 0.0
        for _ in 0..<3 {
            var reader = try CSVReader(options: CSVOptions(), selection: selection)
            let begin = ContinuousClock.now
            try text.withUnsafeBytes { bytes in
                for start in stride(from: 0, to: bytes.count, by: pieceSize) {
                    let end = min(start + pieceSize, bytes.count)
                    try reader.feed(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                }
            }
            let rows = try reader.finish().rowCount
            let seconds = (ContinuousClock.now - begin) / .seconds(1)
            best = max(best, Double(text.count) / seconds / 1e6)
            print("\(text.count) bytes, \(rows) rows, \(seconds) s, \(Double(text.count) / seconds / 1e6) MB/s")
        }
        return best
    }
}
