// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Forecasting

@Suite("Bins of rows that come in pieces")
struct SeriesBinsTests {
    private static let frequencies = ["7s", "10min", "1h", "1d", "3d", "1w", "2w", "1mo", "5mo", "1y"]

    /// Rows in the order of time from a time before or after 1970 on, with gaps, the same times, and missing values of other
    /// bits than the usual ones.
    private static func frame(_ random: inout SeededRandom, rows: Int, step: Int64) throws -> TimeSeriesFrame {
        var time = Int64.random(in: -2_000_000_000...2_000_000_000, using: &random)
        let missing = [Double.nan, Double(nan: 7, signaling: false), -Double.nan]
        var (times, columns): ([Int64], [[Double]]) = ([], [[], []])
        for _ in 0..<rows {
            time +=
                random.chance(3)
                ? Int64.random(in: 0...step * 5, using: &random) : step / 9 * (random.chance(80) ? 1 : 0)
            times.append(time)
            for column in columns.indices {
                let value = random.pick([0, -0.0, 0.1, 1e300, -1e-300, Double.random(in: -9...9, using: &random)])
                columns[column].append(random.chance(30) ? random.pick(missing) : value)
            }
        }
        return try TimeSeriesFrame(timestamps: times, names: ["a", "b"], columns: columns)
    }

    /// Pieces that end anywhere, some of them empty.
    private static func pieces(of frame: TimeSeriesFrame, _ random: inout SeededRandom) -> [TimeSeriesFrame] {
        let most = random.pick([1, 2, 5, 50, frame.rowCount])
        var (pieces, start): ([TimeSeriesFrame], Int) = ([], 0)
        while start < frame.rowCount {
            let end = min(frame.rowCount, start + Int.random(in: 0...max(1, most), using: &random))
            pieces.append(frame.rows(start..<end))
            start = end
        }
        return pieces
    }

    private static func outcome(_ make: () throws -> TimeSeriesFrame) -> String {
        do {
            let frame = try make()
            return "\(frame.timestamps) \(frame.columns.map { $0.map(\.bitPattern) })"
        } catch {
            return "\(error)"
        }
    }

    private static func seconds(_ frequency: Frequency) -> Int64 {
        switch frequency.step {
        case .seconds(let length): length
        case .months(let length): length * 30 * 86_400
        }
    }

    @Test("are those of all rows at once to the last bit, whatever the pieces", arguments: Resampling.Method.allCases)
    func pieces(method: Resampling.Method) throws {
        var random = SeededRandom(seed: 71)
        for round in 0..<400 {
            let frequency = try Frequency(Self.frequencies[round % Self.frequencies.count])
            let resampling = Resampling(method, to: frequency, largestRowCount: random.pick([3, 20, 20_000_000]))
            let step = Self.seconds(frequency)
            var frame = try Self.frame(&random, rows: Int.random(in: 0...120, using: &random), step: step)
            if frame.rowCount > 1, random.chance(30) { frame = try Self.spoilt(frame, &random) }
            let last = frame.timestamps.last ?? 0
            let due = random.chance(50) ? Int64.random(in: last - step...last + step, using: &random) : nil
            let whole = Self.outcome { try resampling.resampled(frame, due: due) }
            let gathered = Self.outcome {
                var bins = SeriesBins(resampling, names: frame.names)
                for piece in Self.pieces(of: frame, &random) { bins.add(piece) }
                return try bins.frame(due: due)
            }
            #expect(gathered == whole, "round \(round), \(frequency)")
        }
    }

    /// A row that cannot be used, or two.
    private static func spoilt(_ frame: TimeSeriesFrame, _ random: inout SeededRandom) throws -> TimeSeriesFrame {
        var (times, columns) = (frame.timestamps, frame.columns)
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            let row = Int.random(in: times.indices, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: times[row] = random.pick([.min, -62_135_596_801, 253_402_300_800, .max])
            case 1: times[row] -= Int64.random(in: 1...1_000_000_000, using: &random)
            default: columns[Int.random(in: 0..<2, using: &random)][row] = random.pick([.infinity, -.infinity])
            }
        }
        return try TimeSeriesFrame(timestamps: times, names: frame.names, columns: columns)
    }

    @Test("hold what a calendar and a loop over each bin's rows give", arguments: Resampling.Method.allCases)
    func calendar(method: Resampling.Method) throws {
        var random = SeededRandom(seed: 72)
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = .gmt
        let units: [(String, Calendar.Component)] = [
            ("1h", .hour), ("1d", .day), ("1w", .weekOfYear), ("1mo", .month), ("1y", .year),
        ]
        for round in 0..<100 {
            let (text, unit) = units[round % units.count]
            let frequency = try Frequency(text)
            let frame = try Self.frame(&random, rows: 90, step: Self.seconds(frequency))
            var bins = SeriesBins(Resampling(method, to: frequency), names: frame.names)
            for piece in Self.pieces(of: frame, &random) { bins.add(piece) }
            let found = try bins.frame()
            let edges = try frame.timestamps.map { time in
                let bin = try #require(calendar.dateInterval(of: unit, for: Date(timeIntervalSince1970: Double(time))))
                return Int64(bin.start.timeIntervalSince1970)
            }
            for (index, column) in frame.columns.enumerated() {
                for (bin, edge) in found.timestamps.enumerated() {
                    let values = zip(column, edges).filter { $1 == edge && !$0.isNaN }.map(\.0)
                    let (our, their) = (found.columns[index][bin], Self.value(values, method))
                    #expect(our == their || our.isNaN && their.isNaN, "\(text), \(edge): \(our), \(their)")
                }
            }
            #expect(Set(edges).isSubset(of: found.timestamps) && found.timestamps.last == edges.last)
        }
    }

    private static func value(_ values: [Double], _ method: Resampling.Method) -> Double {
        guard let last = values.last else { return .nan }
        return switch method {
        case .mean: values.reduce(0, +) / Double(values.count)
        case .sum: values.reduce(0, +)
        case .last: last
        case .min: values.min() ?? .nan
        case .max: values.max() ?? .nan
        }
    }

    // MARK: Several series

    /// Rows of several series between each other, or below each other.
    private static func rows(_ random: inout SeededRandom, groupBy: [String]) throws -> SeriesRows {
        let count = Int.random(in: 1...6, using: &random)
        var left = try (0..<count).map { _ in
            try Self.frame(&random, rows: Int.random(in: 0...40, using: &random), step: 3_600)
        }
        if random.chance(30) { left[0] = left[0].rowCount > 1 ? try Self.spoilt(left[0], &random) : left[0] }
        var (times, codes, columns): ([Int64], [Int32], [[Double]]) = ([], [], [[], []])
        var next = left.map { _ in 0 }
        while let series = left.indices.filter({ next[$0] < left[$0].rowCount }).randomElement(using: &random) {
            let row = next[series]
            next[series] += 1
            times.append(left[series].timestamps[row])
            codes.append(Int32(series))
            for column in 0..<2 { columns[column].append(left[series].columns[column][row]) }
        }
        let frame = try TimeSeriesFrame(timestamps: times, names: ["a", "b"], columns: columns)
        guard !groupBy.isEmpty else { return SeriesRows(left[0]) }
        let keys = (0..<count).map { SeriesKey(["s\(($0 * 7) % 10)", "\($0)"]) }
        return SeriesRows(frame, labels: SeriesRows.Labels(groupBy: groupBy, keys: keys, codes: codes))
    }

    private static func outcome(_ make: () throws -> Panel) -> String {
        do {
            let panel = try make()
            return "\(panel.groupBy) "
                + panel.series.map { one in "\(one.key): \(outcome { one.frame })" }.joined(separator: "; ")
        } catch {
            return "\(error)"
        }
    }

    @Test("of several series are those of each series at once, and so is what is wrong", arguments: [[], ["x", "y"]])
    func series(groupBy: [String]) throws {
        var random = SeededRandom(seed: 73)
        for round in 0..<300 {
            let rows = try Self.rows(&random, groupBy: groupBy)
            let resampling = Resampling(random.pick(Resampling.Method.allCases), to: try Frequency("1h"))
            let due = rows.frame.timestamps.last
            let whole = Self.outcome {
                try Panel(rows).map { one throws(ForecastingError) in try resampling.resampled(one.frame, due: due) }
            }
            var bins = PanelBins(resampling)
            var start = 0
            repeat {
                let end = min(rows.frame.rowCount, start + Int.random(in: 0...30, using: &random))
                let piece = rows.picking(Array(start..<end))
                // A piece may call its series by other numbers.
                bins.add(random.chance(50) ? piece : Self.renumbered(piece))
                start = end
            } while start < rows.frame.rowCount
            #expect(Self.outcome { try bins.panel(due: due) } == whole, "round \(round)")
            #expect(bins.rowCount == rows.frame.rowCount)
        }
    }

    private static func renumbered(_ rows: SeriesRows) -> SeriesRows {
        guard let labels = rows.labels else { return rows }
        let last = Int32(labels.keys.count - 1)
        let (keys, codes) = (Array(labels.keys.reversed()), labels.codes.map { last - $0 })
        return SeriesRows(rows.frame, labels: SeriesRows.Labels(groupBy: labels.groupBy, keys: keys, codes: codes))
    }
}
