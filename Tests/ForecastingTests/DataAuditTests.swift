// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Forecasting

@Suite("The audit of data")
struct DataAuditTests {
    private static let start: Int64 = 1_704_067_200

    private func frame(_ values: [Double], hours: [Int64]? = nil) throws -> TimeSeriesFrame {
        let hours = hours ?? values.indices.map { Int64($0) }
        return try TimeSeriesFrame(
            timestamps: hours.map { Self.start + 3_600 * $0 },
            names: ["x"],
            columns: [values]
        )
    }

    private func reasons(_ frame: TimeSeriesFrame, _ limits: DataAudit.Limits) throws -> [String] {
        DataAudit(frequency: try Frequency("1h"), limits: limits).faults(of: frame).map(\.reason)
    }

    @Test("finds each fault, and none that it was not asked for")
    func faults() throws {
        let nan = Double.nan
        #expect(try reasons(frame([1, 1, 1, 1, nan, nan, nan, 9e9]), .init()) == [])
        #expect(try reasons(frame([1, 2, 3], hours: [0, 1, 1]), .init()) == ["Duplicates"])
        #expect(try reasons(frame([1, nan, nan, 2]), .init(gapSteps: 2)) == [])
        #expect(try reasons(frame([1, nan, nan, 2]), .init(gapSteps: 1)) == ["Gap"])
        #expect(try reasons(frame([1, 2, 3], hours: [0, 1, 5]), .init(gapSteps: 3)) == [])
        #expect(try reasons(frame([1, 2, 3], hours: [0, 1, 5]), .init(gapSteps: 2)) == ["Gap"])
        // Missing rows and missing values beside them are one gap; so are values that are missing at the end.
        #expect(try reasons(frame([1, nan, 3], hours: [0, 3, 4]), .init(gapSteps: 2)) == ["Gap"])
        #expect(try reasons(frame([1, nan, nan]), .init(gapSteps: 1)) == ["Gap"])
        #expect(try reasons(frame([1, 5, 5, 5]), .init(flatSteps: 3)) == [])
        #expect(try reasons(frame([1, 5, 5, 5]), .init(flatSteps: 2)) == ["FlatLine"])
        #expect(try reasons(frame([5, nan, 5, nan, 5]), .init(flatSteps: 1)) == [])
        #expect(try reasons(frame([0, nan, 10]), .init(ranges: ["x": 0...10])) == [])
        #expect(try reasons(frame([0, nan, 10.5]), .init(ranges: ["x": 0...10])) == ["OutOfRange"])
        #expect(try reasons(frame([]), .init(gapSteps: 0, flatSteps: 1, ranges: ["x": 0...1])) == [])
    }

    @Test("says what, where and how much")
    func messages() throws {
        let audit = DataAudit(frequency: try Frequency("1h"), limits: .init(ageSteps: 2, gapSteps: 1))
        let frame = try frame([1, .nan, .nan, 2])
        #expect(
            audit.faults(of: frame).map(\.message) == [
                "column 'x' has no value for 2 steps after 2024-01-01T00:00:00Z; at most 1 are allowed "
                    + "(dataChecks.maxGapSteps)"
            ]
        )
        let now = Self.start + 3_600 * 6 + 100
        #expect(
            audit.staleness(of: frame, at: now)?.message
                == "the last row is of 2024-01-01T03:00:00Z, 3 steps of 1h before 2024-01-01T06:01:40Z; at most 2 are allowed "
                + "(dataChecks.maxAgeSteps)"
        )
        #expect(audit.staleness(of: frame, at: now - 101) == nil)
        #expect(audit.staleness(of: try self.frame([]), at: now)?.reason == "NoRows")
    }

    @Test("the age is the number of whole steps, months included", arguments: ["7min", "1h", "3d", "1mo", "5mo", "1y"])
    func age(frequency: String) throws {
        let step = try Frequency(frequency)
        let audit = DataAudit(frequency: step, limits: .init())
        var random = SeededRandom(seed: 3)
        for _ in 0..<500 {
            let last = Int64.random(in: 0...2_000_000_000, using: &random)
            let now = last + Int64.random(in: -100...400_000_000, using: &random)
            let frame = try TimeSeriesFrame(timestamps: [last], names: ["x"], columns: [[1]])
            let age = try #require(audit.age(of: frame, at: now))
            if now <= last {
                #expect(age == 0)
                continue
            }
            #expect(try #require(step.instant(age, after: last)) <= now)
            #expect(try #require(step.instant(age + 1, after: last)) > now)
        }
    }

    @Test("never stops on strange tables", arguments: 0..<500)
    func total(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let special: [Int64] = [.min, .max, 0, -1, UTCTime.secondsRange.lowerBound, UTCTime.secondsRange.upperBound]
        let count = Int.random(in: 0...20, using: &random)
        let timestamps = (0..<count).map { _ in
            random.chance(30) ? random.pick(special) : Int64.random(in: 0...1_000_000, using: &random)
        }
        let values = (0..<count).map { _ in random.pick([.nan, .infinity, -.infinity, 0, -0.0, 1, 1e308]) }
        let frame = try TimeSeriesFrame(timestamps: timestamps, names: ["x"], columns: [values])
        let limits = DataAudit.Limits(ageSteps: 0, gapSteps: 0, flatSteps: 1, ranges: ["x": 0...1])
        for text in ["1s", "1000000y", "1mo"] {
            let audit = DataAudit(frequency: try Frequency(text), limits: limits)
            _ = audit.faults(of: frame)
            _ = audit.staleness(of: frame, at: random.pick(special))
        }
    }
}
