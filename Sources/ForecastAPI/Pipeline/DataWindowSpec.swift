// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// Which times a run reads; rows outside do not count.
///
/// The window ends before the run's scheduled time, or its creation where no schedule started it, rounded down to a whole
/// step of the series, so that a row still in the making is left out.
package struct DataWindowSpec: Codable, Sendable, Equatable {
    /// How far the window reaches back from its end, for instance `90d`; exactly one of this and `from`.
    package var lookbackPeriod: String?
    /// The first time that belongs to the window.
    package var from: Date?
    /// The first time that no longer belongs to the window; goes with `from`. Without it the run's time.
    package var to: Date?

    /// Makes a window.
    package init(lookbackPeriod: String? = nil, from: Date? = nil, to: Date? = nil) {
        self.lookbackPeriod = lookbackPeriod
        self.from = from
        self.to = to
    }

    /// What the fields contradict.
    func check(_ check: inout SpecCheck) {
        let field = "spec.source.window"
        if (lookbackPeriod == nil) == (from == nil) {
            let found = from == nil ? "there is none" : "there are both"
            check.add(field, "must hold exactly one of lookbackPeriod and from; \(found)")
        }
        if let lookbackPeriod, !SeriesSpec.isFrequency(lookbackPeriod) {
            check.add(
                "\(field).lookbackPeriod",
                "'\(lookbackPeriod)' must be a whole number and one of s, min, h, d, w, mo, y, for instance 90d"
            )
        }
        if to != nil, from == nil { check.add("\(field).to", "goes with from") }
        if let from, let to, from >= to { check.add("\(field).to", "must be later than from") }
    }
}
