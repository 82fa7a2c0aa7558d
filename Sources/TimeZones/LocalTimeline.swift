// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Turns the local times of rows into instants. Rows are in the order of time, each series for itself.
///
/// Where a clock is put back, it shows some times twice, and the rows' order tells which is meant: those from the row
/// on at which their times go back are of the second passage, or else from the one row on that has the time of the row
/// before it. Where there is no such row, they are taken for those passages, first, second, or one after the other,
/// that leave the fewest breaks, which are distances of more than a step to the row before. Two choices with as few are
/// none.
package struct LocalTimeline: Sendable {
    /// What becomes of times that a clock shows twice where the rows do not tell which is meant.
    package enum Doubt: Sendable, Equatable {
        /// They are refused.
        case refused
        /// They are those that the clock shows first.
        case first
    }

    /// What is wrong with a row, counted from 0.
    package enum Problem: Error, Sendable, Equatable {
        /// The clock never shows its time.
        case skipped(row: Int)
        /// The clock shows its time twice, and nothing tells which is meant.
        case repeated(row: Int)
        /// The clock shows its time twice, and the rows go back more often than the clock.
        case unordered(row: Int)
    }

    private let zone: Zone
    private let step: Int
    private let doubt: Doubt

    /// The times of a zone's clock; rows follow one another after `step` seconds.
    package init(zone: Zone, step: Int, doubt: Doubt = .refused) {
        self.zone = zone
        self.step = step
        self.doubt = doubt
    }

    /// Makes instants, in seconds since 1970 (UTC), of local times, which are such seconds as if the clock were UTC's.
    ///
    /// - Parameters:
    ///   - times: One a row.
    ///   - series: By row, which of `count` series it belongs to; nil where all rows are one series.
    package func resolve(_ times: inout [Int64], series: [Int32]?, count: Int) throws(Problem) {
        var clock = LocalClock(zone)
        var latest = [Int?](repeating: nil, count: series == nil ? 1 : count)
        var open: [Int: Passages] = [:]
        var row = 0
        while row < times.count {
            if series == nil, open.isEmpty {
                let end = clock.settle(&times, from: row)
                if end > row { latest[0] = Int(times[end - 1]) }
                row = end
                if row == times.count { break }
            }
            let own = series.map { Int($0[row]) } ?? 0
            switch clock.showing(Int(times[row])) {
            case .once(let instant):
                if !open.isEmpty, let passages = open.removeValue(forKey: own) {
                    try settle(passages, until: instant, &times)
                }
                times[row] = Int64(instant)
                latest[own] = instant
            case .twice(let first, let change):
                if let passages = open[own], passages.change != change {
                    open[own] = nil
                    latest[own] = try settle(passages, until: first, &times)
                }
                open[own, default: Passages(change: change, previous: latest[own])].add(row, first)
            case .never: throw .skipped(row: row)
            }
            row += 1
        }
        for own in open.keys.sorted() {
            if let passages = open[own] { try settle(passages, until: nil, &times) }
        }
    }

    /// Writes the instants of rows whose times a clock shows twice, and returns the last one.
    @discardableResult
    private func settle(_ passages: Passages, until next: Int?, _ times: inout [Int64]) throws(Problem) -> Int? {
        let turn = try passages.turn(until: next, step: step, doubt)
        var last: Int?
        for (index, row) in passages.rows.enumerated() {
            let instant = passages.instant(index, turn: turn)
            times[row] = Int64(instant)
            last = instant
        }
        return last
    }
}

/// Rows of one series that follow one another and whose times a clock shows twice.
private struct Passages {
    let change: LocalClock.ClockChange
    /// The instant of the row before them.
    let previous: Int?
    private(set) var rows: [Int] = []
    /// By row, when the clock shows its time first.
    private var firsts: [Int] = []
    /// Where times go back, the first two.
    private var descents: [Int] = []
    /// Which have the time of the row before, the first two.
    private var repeats: [Int] = []

    init(change: LocalClock.ClockChange, previous: Int?) {
        self.change = change
        self.previous = previous
    }

    mutating func add(_ row: Int, _ first: Int) {
        if let last = firsts.last, first < last, descents.count < 2 { descents.append(rows.count) }
        if first == firsts.last, repeats.count < 2 { repeats.append(rows.count) }
        rows.append(row)
        firsts.append(first)
    }

    /// The instant of a row, where those from `turn` on are of the second passage.
    func instant(_ index: Int, turn: Int) -> Int { firsts[index] + (index < turn ? 0 : change.length) }

    /// Where the second passage begins.
    func turn(until next: Int?, step: Int, _ doubt: LocalTimeline.Doubt) throws(LocalTimeline.Problem) -> Int {
        if descents.count > 1 { throw .unordered(row: rows[descents[1]]) }
        if let descent = descents.first { return descent }
        if let only = repeats.first, repeats.count == 1 { return only }
        var (best, turn, isClear) = (Int.max, 0, false)
        for candidate in 0...rows.count {
            let breaks = addedBreaks(turn: candidate, until: next, step)
            guard breaks <= best else { continue }
            isClear = breaks < best
            (best, turn) = (breaks, candidate)
        }
        if isClear { return turn }
        guard doubt == .first else { throw .repeated(row: rows[0]) }
        return rows.count
    }

    /// How many more breaks a turn makes than there are between the rows of one passage: before the first row, at the
    /// turn, and behind the last row.
    private func addedBreaks(turn: Int, until next: Int?, _ step: Int) -> Int {
        func isBreak(_ from: Int?, _ to: Int?) -> Int {
            guard let from, let to else { return 0 }
            return to - from > step ? 1 : 0
        }
        var breaks = isBreak(previous, instant(0, turn: turn)) + isBreak(instant(rows.count - 1, turn: turn), next)
        if turn > 0, turn < rows.count {
            breaks += isBreak(firsts[turn - 1], firsts[turn] + change.length) - isBreak(firsts[turn - 1], firsts[turn])
        }
        return breaks
    }
}
