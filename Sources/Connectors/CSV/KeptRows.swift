// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Which rows of a text were kept, as runs of rows that follow one another.
struct KeptRows: Sendable, Equatable {
    /// How many rows there are in all.
    private(set) var total = 0
    /// How many of them were kept.
    private(set) var count = 0
    /// Rows of the text, counted from 0.
    private(set) var runs: [Range<Int>] = []
    /// By run, how many were kept before it.
    private var places: [Int] = []

    /// The next rows are kept.
    mutating func keep(_ rows: Int) {
        guard rows > 0 else { return }
        if let last = runs.last, last.upperBound == total {
            runs[runs.count - 1] = last.lowerBound..<total + rows
        } else {
            runs.append(total..<total + rows)
            places.append(count)
        }
        total += rows
        count += rows
    }

    /// The next rows are not kept.
    mutating func drop(_ rows: Int) { total += rows }

    /// Adds the rows of a text that follows.
    mutating func append(_ others: KeptRows) {
        let start = total
        for run in others.runs {
            drop(start + run.lowerBound - total)
            keep(run.count)
        }
        drop(start + others.total - total)
    }

    /// The place in the text of a row that was kept; both are counted from 0.
    ///
    /// It looks at all runs, so it is for messages.
    func row(_ kept: Int) -> Int {
        guard let run = places.lastIndex(where: { $0 <= kept }) else { return kept }
        return runs[run].lowerBound + kept - places[run]
    }
}
