// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Looks for what is suspicious in a table as it was read, before gaps are filled. Never throws: whether the table can be
/// used at all is up to `FrameChecks`.
package struct DataAudit: Sendable {
    /// Something suspicious.
    package struct Fault: Hashable, Sendable {
        /// One CamelCase word.
        package let reason: String
        /// What and where, in words.
        package let message: String

        /// A fault.
        package init(reason: String, message: String) {
            self.reason = reason
            self.message = message
        }
    }

    /// What is suspicious.
    package struct Limits: Sendable {
        /// How many steps the last row may lie back.
        package var ageSteps: Int?
        /// How many rows or values in a row may be missing.
        package var gapSteps: Int?
        /// How many rows in a row may have the same value.
        package var flatSteps: Int?
        /// Bounds by column.
        package var ranges: [String: ClosedRange<Double>]

        /// Limits; what is nil is not looked at.
        package init(
            ageSteps: Int? = nil,
            gapSteps: Int? = nil,
            flatSteps: Int? = nil,
            ranges: [String: ClosedRange<Double>] = [:]
        ) {
            self.ageSteps = ageSteps
            self.gapSteps = gapSteps
            self.flatSteps = flatSteps
            self.ranges = ranges
        }
    }

    private let frequency: Frequency
    private let limits: Limits

    /// An audit.
    package init(frequency: Frequency, limits: Limits) {
        self.frequency = frequency
        self.limits = limits
    }

    /// How many whole steps the last row lies back at `now` (seconds since 1970); 0 for one in the future, nil where
    /// there is no row or its time is out of range.
    package func age(of frame: TimeSeriesFrame, at time: Int64) -> Int? {
        guard let last = frame.timestamps.last else { return nil }
        let range = UTCTime.secondsRange
        guard range.contains(last), range.contains(time) else { return nil }
        guard time > last else { return 0 }
        switch frequency.step {
        case .seconds(let length): return Int((time - last) / length)
        case .months(let length):
            let (from, to) = (UTCTime(seconds: last), UTCTime(seconds: time))
            let steps = Int(((to.year - from.year) * 12 + to.month - from.month) / length)
            let isReached = frequency.instant(steps, after: last).map { $0 <= time } ?? false
            return isReached ? steps : max(0, steps - 1)
        }
    }

    /// Why the data is too old; nil where it is not, or where that is not asked.
    package func staleness(of frame: TimeSeriesFrame, at time: Int64) -> Fault? {
        guard let limit = limits.ageSteps else { return nil }
        guard let last = frame.timestamps.last, let age = age(of: frame, at: time) else {
            return Fault(reason: "NoRows", message: "there is no row whose age could be told")
        }
        guard age > limit else { return nil }
        return Fault(
            reason: "Stale",
            message:
                "the last row is of \(UTCTime.text(last)), \(age) steps of \(frequency) before \(UTCTime.text(time)); "
                + "at most \(limit) are allowed (dataChecks.maxAgeSteps)"
        )
    }

    /// All that is suspicious in the rows: of each kind the first, or the worst.
    package func faults(of frame: TimeSeriesFrame) -> [Fault] {
        var faults = [duplicates(frame.timestamps)]
        for (name, column) in zip(frame.names, frame.columns) {
            faults.append(gap(name, column, frame.timestamps))
            faults.append(flat(name, column, frame.timestamps))
            faults.append(outOfRange(name, column, frame.timestamps))
        }
        return faults.compactMap { $0 }
    }

    private func duplicates(_ timestamps: [Int64]) -> Fault? {
        let repeated = zip(timestamps.dropFirst(), timestamps).filter { $0 == $1 }
        guard let first = repeated.first else { return nil }
        return Fault(
            reason: "Duplicates",
            message: "\(repeated.count) timestamp(s) are there twice, first \(UTCTime.text(first.0))"
        )
    }

    /// The longest stretch without a value, rows that are missing included.
    private func gap(_ name: String, _ column: [Double], _ timestamps: [Int64]) -> Fault? {
        guard let limit = limits.gapSteps else { return nil }
        var worst = (steps: 0, after: Int64(0))
        var last = timestamps.first
        for (value, time) in zip(column, timestamps) {
            guard let before = last else { break }
            let steps = (frequency.steps(from: before, to: time) ?? 0) - (value.isNaN ? 0 : 1)
            if steps > worst.steps { worst = (steps, before) }
            if !value.isNaN { last = time }
        }
        guard worst.steps > limit else { return nil }
        return Fault(
            reason: "Gap",
            message: "column '\(name)' has no value for \(worst.steps) steps after \(UTCTime.text(worst.after)); "
                + "at most \(limit) are allowed (dataChecks.maxGapSteps)"
        )
    }

    /// The longest stretch of one value.
    private func flat(_ name: String, _ column: [Double], _ timestamps: [Int64]) -> Fault? {
        guard let limit = limits.flatSteps else { return nil }
        var worst = (rows: 0, start: 0)
        var start = 0
        for index in column.indices {
            if column[index] != column[start] { start = index }
            let rows = column[index].isNaN ? 0 : index - start + 1
            if rows > worst.rows { worst = (rows, start) }
        }
        guard worst.rows > limit else { return nil }
        return Fault(
            reason: "FlatLine",
            message: "column '\(name)' stays at \(column[worst.start]) for \(worst.rows) rows from "
                + "\(UTCTime.text(timestamps[worst.start])); at most \(limit) are allowed (dataChecks.maxFlatSteps)"
        )
    }

    private func outOfRange(_ name: String, _ column: [Double], _ timestamps: [Int64]) -> Fault? {
        guard let range = limits.ranges[name] else { return nil }
        let outside = column.indices.filter { !column[$0].isNaN && !range.contains(column[$0]) }
        guard let first = outside.first else { return nil }
        return Fault(
            reason: "OutOfRange",
            message: "column '\(name)' has \(outside.count) value(s) outside of \(range.lowerBound) to "
                + "\(range.upperBound), first \(column[first]) at \(UTCTime.text(timestamps[first])) (dataChecks.ranges)"
        )
    }
}
