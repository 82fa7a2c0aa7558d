// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

extension Panel {
    /// A value for each series and what goes with it, in their order; what is thrown names the series.
    ///
    /// - Parameter parts: One a series.
    /// - Throws: `ForecastingError.inSeries` round what `work` throws, where the panel is grouped.
    package func mapSeries<Part, Value>(
        with parts: [Part],
        _ work: (_ series: Series, _ part: Part) throws(ForecastingError) -> Value
    ) throws(ForecastingError) -> [Value] {
        precondition(parts.count == series.count, "Panel: \(parts.count) parts for \(series.count) series")
        var next = 0
        return try mapSeries { one throws(ForecastingError) in
            defer { next += 1 }
            return try work(one, parts[next])
        }
    }
}
