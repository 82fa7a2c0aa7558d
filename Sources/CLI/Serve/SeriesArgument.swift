// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI

/// What `--series` names: one series of a run's forecast, as `store=north,item=3`.
struct SeriesArgument: Sendable, Equatable {
    /// As it was written.
    let text: String

    /// Columns and values of a text; nil unless each part is `column=value`.
    private static func pairs(_ text: String) -> [String: String]? {
        var pairs: [String: String] = [:]
        for part in text.split(separator: ",") {
            guard let mark = part.firstIndex(of: "=") else { return nil }
            let name = part[..<mark].drop { $0 == " " }
            pairs[String(name)] = String(part[part.index(after: mark)...])
        }
        return pairs
    }

    /// The series of a forecast that it names, in whatever order the columns are.
    /// - Throws: `CLIError.seriesNotFound` where there is none.
    func series(of forecast: ForecastFile) throws(CLIError) -> ForecastFile.Series {
        // A value may hold commas; then the text has to be as labels are written.
        if !forecast.groupBy.isEmpty, let exact = forecast.series.first(where: { forecast.label($0) == text }) {
            return exact
        }
        if let pairs = Self.pairs(text), Set(pairs.keys) == Set(forecast.groupBy), !pairs.isEmpty {
            let key = forecast.groupBy.map { pairs[$0] ?? "" }
            if let found = forecast.series.first(where: { $0.key == key }) { return found }
        }
        let known = forecast.groupBy.isEmpty ? [] : forecast.series.map(forecast.label)
        throw .seriesNotFound(name: text, known: known)
    }
}
