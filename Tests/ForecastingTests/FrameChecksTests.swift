// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Forecasting

@Suite("Frame checks")
struct FrameChecksTests {
    static let start: Int64 = 1_700_000_000

    static func regular(
        _ times: [Int64],
        _ values: [Double],
        _ policy: MissingPolicy,
        _ frequency: String = "10s"
    ) throws -> FrameChecks.Regular {
        let frame = try TimeSeriesFrame(timestamps: times, names: ["x"], columns: [values])
        return try FrameChecks(frequency: Frequency(frequency), missing: policy).regular(frame)
    }

    @Test("gaps and missing values are filled as a search over all neighbours would", arguments: 0..<60)
    func filling(seed: UInt64) throws {
        var generator = SeededRandom(seed: seed)
        let rows = Int.random(in: 1...30, using: &generator)
        let present = (0..<rows).filter { $0 == 0 || $0 == rows - 1 || Bool.random(using: &generator) }
        let values = present.map {
            $0 > 0 && Int.random(in: 0..<3, using: &generator) == 0 ? Double.nan : Double($0 * $0)
        }
        let times = present.map { Self.start + 10 * Int64($0) }
        let known = Dictionary(uniqueKeysWithValues: zip(present, values).filter { !$1.isNaN })
        for policy in [MissingPolicy.forwardFill, .interpolate] {
            let result = try Self.regular(times, values, policy)
            #expect(result.frame.timestamps == (0..<rows).map { Self.start + 10 * Int64($0) })
            #expect(result.insertedRows == rows - present.count)
            #expect(result.filledCells == values.count { $0.isNaN })
            for row in 0..<rows {
                let left = try #require((0...row).last { known[$0] != nil })
                let right = (row..<rows).first { known[$0] != nil }
                var expected = try #require(known[left])
                if policy == .interpolate, let right, right > left {
                    let end = try #require(known[right])
                    expected += (end - expected) * Double(row - left) / Double(right - left)
                }
                #expect(abs(result.frame.columns[0][row] - expected) < 1e-9)
            }
        }
    }

    @Test("each fault names its row and time and what to do")
    func faults() throws {
        let s = Self.start
        #expect(throws: ForecastingError.duplicateTimestamp(row: 2, time: "2023-11-14T22:13:20Z")) {
            try Self.regular([s, s], [1, 2], .fail)
        }
        #expect(
            throws: ForecastingError.unsortedRows(
                row: 2,
                time: "2023-11-14T22:13:10Z",
                previous: "2023-11-14T22:13:20Z"
            )
        ) { try Self.regular([s, s - 10], [1, 2], .fail) }
        #expect(throws: ForecastingError.timestampOutOfRange(row: 1)) { try Self.regular([.max], [1], .fail) }
        #expect(throws: ForecastingError.missingValue(row: 2, time: "2023-11-14T22:13:30Z", column: "x")) {
            try Self.regular([s, s + 10], [1, .nan], .fail)
        }
        #expect(throws: ForecastingError.leadingMissingValue(row: 1, time: "2023-11-14T22:13:20Z", column: "x")) {
            try Self.regular([s, s + 10], [.nan, 1], .forwardFill)
        }
        #expect(throws: ForecastingError.notFinite(row: 1, time: "2023-11-14T22:13:20Z", column: "x")) {
            try Self.regular([s], [.infinity], .interpolate)
        }
        let gap = #expect(throws: ForecastingError.self) { try Self.regular([s, s + 30], [1, 2], .fail) }
        #expect(gap?.description.contains("row 2: 2 row(s) of 10s are missing") == true)
        let grid = #expect(throws: ForecastingError.self) { try Self.regular([s, s + 15], [1, 2], .interpolate) }
        #expect(grid?.description.contains("2023-11-14T22:13:35Z") == true)
        let many = #expect(throws: ForecastingError.self) {
            try Self.regular([s, s + 10_000_000_000], [1, 2], .forwardFill)
        }
        #expect(many?.description.contains("1000000001 rows") == true)
    }

    @Test("too few rows are told with the numbers")
    func tooFew() {
        let error = #expect(throws: ForecastingError.self) {
            try DataSplit(rows: 100, train: 0.7, validation: 0.1, lookback: 96, horizon: 24)
        }
        #expect(error?.description.contains("70 rows, but lookback 96 + horizon 24 need at least 120") == true)
    }

    @Test("splits give each part its context and every target row of a part a forecast")
    func splits() throws {
        let split = try DataSplit(rows: 1_000, train: 0.7, validation: 0.1, lookback: 20, horizon: 5)
        #expect(split.train == 0..<700)
        #expect(split.validation == 680..<800)
        #expect(split.test == 780..<1_000)
        let none = try DataSplit(rows: 1_000, train: 0.8, validation: 0, lookback: 20, horizon: 5)
        #expect(none.validation.isEmpty)
        #expect(none.test == 780..<1_000)
    }
}
