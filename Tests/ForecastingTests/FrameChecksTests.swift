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

    @Test("missing rows are added, and gaps are filled as a search over all neighbours would", arguments: 0..<60)
    func filling(seed: UInt64) throws {
        var generator = SeededRandom(seed: seed)
        let rows = Int.random(in: 1...30, using: &generator)
        let present = (0..<rows).filter { $0 == 0 || $0 == rows - 1 || Bool.random(using: &generator) }
        let values = present.map {
            $0 > 0 && Int.random(in: 0..<3, using: &generator) == 0 ? Double.nan : Double($0 * $0)
        }
        let times = present.map { Self.start + 10 * Int64($0) }
        let known = Dictionary(uniqueKeysWithValues: zip(present, values).filter { !$1.isNaN })
        let season = Int.random(in: 1...4, using: &generator)
        func mean(_ rows: [Int]) -> Double? {
            let values = rows.compactMap { known[$0] }
            return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        for policy in MissingPolicy.allCases where policy != .fail {
            let result = try Self.regular(times, values, policy)
            #expect(result.frame.timestamps == (0..<rows).map { Self.start + 10 * Int64($0) })
            #expect(result.insertedRows == rows - present.count)
            #expect(result.missingCells == values.count { $0.isNaN })
            #expect((0..<rows).allSatisfy { result.frame.columns[0][$0].isNaN == (known[$0] == nil) })
            let raw = RawRows(result.frame, 0..<rows, targets: 1, frequency: try Frequency("10s"))
            let fill = try #require(try GapFilling(policy, fitting: raw, seasonLength: season))
            let filled = try fill.filled(raw, policy)[0]
            for row in 0..<rows {
                let left = try #require((0...row).last { known[$0] != nil })
                let right = (row..<rows).first { known[$0] != nil }
                var expected = try #require(known[left])
                if policy == .interpolate, let right, right > left {
                    let end = try #require(known[right])
                    expected += (end - expected) * Double(row - left) / Double(right - left)
                }
                if left < row, policy == .mean || policy == .seasonal {
                    let like = (0..<rows).filter { policy == .mean || $0 % season == row % season }
                    expected = try #require(mean(like) ?? mean(Array(0..<rows)))
                }
                #expect(abs(filled[row] - expected) < 1e-9)
            }
        }
    }

    @Test("a history is filled from itself: what is before its first value and behind its last one repeats these")
    func edges() throws {
        let train = RawRows(names: ["x"], columns: [[4, 6]], targets: 1, frequency: try Frequency("1h"), end: 3_600)
        func filled(_ policy: MissingPolicy, _ column: [Double], end: Int64?) throws -> [Double] {
            let rows = RawRows(names: ["x"], columns: [column], targets: 1, frequency: train.frequency, end: end)
            return try #require(try GapFilling(policy, fitting: train, seasonLength: 2)).filled(rows, policy)[0]
        }
        let gap = Double.nan
        #expect(try filled(.interpolate, [gap, 1, gap, 3, gap], end: nil) == [1, 1, 2, 3, 3])
        #expect(try filled(.forwardFill, [gap, 1, gap, 3, gap], end: nil) == [1, 1, 1, 3, 3])
        #expect(try filled(.interpolate, [gap, gap], end: nil) == [5, 5])
        // Rows at 21:00, 22:00 and 23:00 of the day before: the first one stands where 6 did.
        #expect(try filled(.seasonal, [gap, gap, gap], end: -3_600) == [6, 4, 6])
        #expect(throws: ForecastingError.self) { try filled(.seasonal, [gap, 1], end: nil) }
        #expect(throws: ForecastingError.self) { try filled(.seasonal, [gap, 1], end: 1_800) }
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

    @Test(
        "each table of a panel lies on a grid of its own; faults name the series, and added rows are counted together"
    )
    func panels() throws {
        func panel(_ times: [[Int64]]) throws -> Panel {
            try Panel(
                groupBy: ["store"],
                series: times.enumerated().map { place, times in
                    Panel.Series(
                        key: SeriesKey(["s\(place)"]),
                        frame: try TimeSeriesFrame(timestamps: times, names: ["x"], columns: [times.map { _ in 1 }])
                    )
                }
            )
        }
        func checks(_ missing: MissingPolicy, _ largest: Int = 100) throws -> FrameChecks {
            FrameChecks(frequency: try Frequency("10s"), missing: missing, largestRowCount: largest)
        }
        let gaps = try panel([[0, 10, 40], [3, 33], [7, 17]])
        #expect(try checks(.interpolate).regular(gaps).map(\.insertedRows) == [2, 2, 0])
        #expect(try checks(.interpolate).regular(gaps)[1].frame.timestamps == [3, 13, 23, 33])
        let gap = #expect(throws: ForecastingError.self) { try checks(.fail).regular(gaps) }
        #expect(gap?.description.hasPrefix("series store=s0: row 3: 2 row(s) of 10s are missing between") == true)
        // No table has more than 11 rows, but 18 are added to both together.
        let far = try panel([[0, 100], [0, 100]])
        let many = #expect(throws: ForecastingError.self) { try checks(.interpolate, 17).regular(far) }
        #expect(
            many?.description.contains("series store=s1: filling the gaps would make 18 rows of 10s, more than 17")
                == true
        )
        #expect(try checks(.interpolate, 18).regular(far).count == 2)
    }
}
