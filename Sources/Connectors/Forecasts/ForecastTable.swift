// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

/// The forecast of one run as a table, which becomes a file: a column for each label of a series, `time`, `issued` and `step`,
/// a column for each target, then `pipeline` and `version`. Several series stand below each other.
package struct ForecastTable: Sendable, Equatable {
    /// A column that is forecast.
    package struct Target: Sendable, Equatable {
        /// Its name, which is none of the others' names.
        package var name: String
        /// A finite number for each row.
        package var values: [Double]

        /// Makes a column.
        package init(name: String, values: [Double]) {
            self.name = name
            self.values = values
        }
    }

    /// A column of text that tells one series from another.
    package struct Label: Sendable, Equatable {
        /// Its name, which is none of the others' names.
        package var name: String
        /// A text for each row.
        package var values: [String]

        /// Makes a column.
        package init(name: String, values: [String]) {
            self.name = name
            self.values = values
        }
    }

    /// The pipeline that made it.
    package var pipeline: String
    /// The version of the model that made it.
    package var version: String
    /// When the run was due, in seconds since 1970-01-01T00:00:00Z.
    package var issued: Int64
    /// What tells the series apart; empty where there is one.
    package var labels: [Label]
    /// The time of each row in the same seconds.
    package var times: [Int64]
    /// By row: which step of its series it is, from 1.
    package var steps: [Int]
    /// The columns that are forecast, in the order of the file.
    package var targets: [Target]

    /// Makes a table; without `steps` it is of one series.
    package init(
        pipeline: String,
        version: String,
        issued: Int64,
        labels: [Label] = [],
        times: [Int64],
        steps: [Int]? = nil,
        targets: [Target]
    ) {
        self.pipeline = pipeline
        self.version = version
        self.issued = issued
        self.labels = labels
        self.times = times
        self.steps = steps ?? times.indices.map { $0 + 1 }
        self.targets = targets
    }

    /// The names of all columns, in the order of the file.
    var names: [String] {
        labels.map(\.name) + ["time", "issued", "step"] + targets.map(\.name) + ["pipeline", "version"]
    }

    /// Refuses what would make a file that its readers misunderstand.
    ///
    /// Throws `ConnectorError.writeRefused` for numbers that are not finite, times outside of the years 1 to 9999,
    /// columns of another length and names that are there twice. `place` is where the file was to go.
    func check(_ place: String) throws(ConnectorError) {
        if let time = ([issued] + times).first(where: { !UTCTime.secondsRange.contains($0) }) {
            throw .writeRefused(url: place, reason: "the time \(time) s is outside of the years 1 to 9999")
        }
        let lengths = labels.map { ($0.name, $0.values.count) } + [("step", steps.count)]
        if let (name, count) = lengths.first(where: { $0.1 != times.count }) {
            throw .writeRefused(url: place, reason: "column '\(name)' has \(count) values for \(times.count) rows")
        }
        for target in targets {
            guard target.values.count == times.count else {
                let problem = "column '\(target.name)' has \(target.values.count) values for \(times.count) rows"
                throw .writeRefused(url: place, reason: problem)
            }
            if let row = target.values.firstIndex(where: { !$0.isFinite }) {
                let time = UTCTime(seconds: times[row])
                let problem = "column '\(target.name)' at \(time) is \(target.values[row]), which is no number"
                throw .writeRefused(url: place, reason: problem)
            }
        }
        guard Set(names).count == names.count else {
            throw .writeRefused(url: place, reason: "two columns have one name: \(names.joined(separator: ", "))")
        }
    }
}

/// The forms of a file that a table can become. Equal tables become equal bytes.
package enum ForecastFormat: Sendable, CaseIterable {
    /// Delimited text as RFC 4180 has it, with a header line, lines that end with a line feed, and times as ISO 8601.
    case csv
    /// Parquet with Snappy; times are timestamps of milliseconds in UTC.
    case parquet

    /// What the file's name ends with.
    package var fileExtension: String {
        switch self {
        case .csv: "csv"
        case .parquet: "parquet"
        }
    }

    /// The whole file.
    ///
    /// - Parameter place: Where it is to go, for messages.
    /// - Throws: `ConnectorError.writeRefused` for a table that cannot be one.
    package func encoded(_ table: ForecastTable, for place: String) throws(ConnectorError) -> [UInt8] {
        try table.check(place)
        return switch self {
        case .csv: table.csv
        case .parquet: try table.parquet(place)
        }
    }
}
