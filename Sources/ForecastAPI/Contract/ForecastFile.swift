// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import KubeCore

/// The forecast that a run makes beyond its data: `runs/<namespace>/<run>/forecast.json` in the store.
///
/// In the file the parts of a single series stand beside `targets`; where data is grouped, `series` has them for each.
package struct ForecastFile: Sendable, Equatable {
    /// The file's name.
    package static let name = "forecast.json"

    /// The version of the contract that the file was written in.
    package var schemaVersion: Int
    /// Name of the pipeline.
    package var pipeline: String
    /// The version of the model that made the forecast.
    package var version: String
    /// The step from row to row, for instance `1h`.
    package var frequency: String
    /// The columns that are forecast, in the order of the specification.
    package var targets: [String]
    /// The further columns of a history, which are not forecast; nil where there are none.
    package var pastCovariates: [String]?
    /// The columns of a history, behind those, that are known for the rows of the forecast; nil where there are none.
    package var futureCovariates: [String]?
    /// The grouping columns; empty where there is one series.
    package var groupBy: [String]
    /// The series, sorted by key, at least one.
    package var series: [Series]

    /// The first series: the only one where data is not grouped.
    package var first: Series { series[0] }

    /// One series.
    package struct Series: Sendable, Equatable {
        /// The value of each grouping column; empty where there is one series.
        package var key: [String]
        /// The last `lookback` rows of the data, of targets and covariates.
        package var history: Part
        /// The `horizon` rows that follow.
        package var forecast: Part
        /// The quantiles of the forecast, ascending; nil where the model has no intervals.
        package var quantiles: [Quantile]?
        /// What is known of these rows: the future covariates; nil where there are none.
        package var known: Part?

        /// Makes a series.
        package init(
            key: [String] = [],
            history: Part,
            forecast: Part,
            quantiles: [Quantile]? = nil,
            known: Part? = nil
        ) {
            self.key = key
            self.history = history
            self.forecast = forecast
            self.quantiles = quantiles
            self.known = known
        }
    }

    /// Some rows.
    package struct Part: Codable, Sendable, Equatable {
        /// The time of each row, in UTC.
        package var times: [Date]
        /// The values of each column, one a row, in the units of the data.
        package var values: [String: [Double]]

        /// Makes a part.
        package init(times: [Date], values: [String: [Double]]) {
            self.times = times
            self.values = values
        }
    }

    /// One quantile of the rows that follow.
    package struct Quantile: Codable, Sendable, Equatable {
        /// The share of values that are to lie below.
        package var probability: Double
        /// The values of each target, one a row, in the units of the data.
        package var values: [String: [Double]]

        /// Makes a quantile.
        package init(probability: Double, values: [String: [Double]]) {
            self.probability = probability
            self.values = values
        }
    }

    /// Makes a file of one series, or of several that `groupBy` tells apart.
    package init(
        pipeline: String,
        version: String,
        frequency: String,
        targets: [String],
        pastCovariates: [String]? = nil,
        futureCovariates: [String]? = nil,
        groupBy: [String] = [],
        series: [Series]
    ) {
        precondition(!series.isEmpty, "ForecastFile: there is no series")
        schemaVersion = StepRequest.currentSchemaVersion
        self.pipeline = pipeline
        self.version = version
        self.frequency = frequency
        self.targets = targets
        self.pastCovariates = pastCovariates
        self.futureCovariates = futureCovariates
        self.groupBy = groupBy
        self.series = series
    }

    /// The name of a series for a person, such as `store=north, item=12`; empty where there is one.
    package func label(_ series: Series) -> String {
        zip(groupBy, series.key).map { "\($0)=\($1)" }.joined(separator: ", ")
    }
}

extension ForecastFile: Codable {
    private enum Field: String, CodingKey {
        case schemaVersion, pipeline, version, frequency, targets, pastCovariates, futureCovariates, groupBy, series
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        schemaVersion = try fields.decode(Int.self, forKey: .schemaVersion)
        pipeline = try fields.decode(String.self, forKey: .pipeline)
        version = try fields.decode(String.self, forKey: .version)
        frequency = try fields.decode(String.self, forKey: .frequency)
        targets = try fields.decode([String].self, forKey: .targets)
        pastCovariates = try fields.decodeIfPresent([String].self, forKey: .pastCovariates)
        futureCovariates = try fields.decodeIfPresent([String].self, forKey: .futureCovariates)
        groupBy = try fields.decodeIfPresent([String].self, forKey: .groupBy) ?? []
        series = try groupBy.isEmpty ? [Series(from: decoder)] : fields.decode([Series].self, forKey: .series)
        let width = groupBy.count
        guard !series.isEmpty, series.allSatisfy({ $0.key.count == width }) else {
            throw DecodingError.dataCorruptedError(
                forKey: .series,
                in: fields,
                debugDescription: "there is no series, or a key that does not fit groupBy"
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Field.self)
        try fields.encode(schemaVersion, forKey: .schemaVersion)
        try fields.encode(pipeline, forKey: .pipeline)
        try fields.encode(version, forKey: .version)
        try fields.encode(frequency, forKey: .frequency)
        try fields.encode(targets, forKey: .targets)
        try fields.encodeIfPresent(pastCovariates, forKey: .pastCovariates)
        try fields.encodeIfPresent(futureCovariates, forKey: .futureCovariates)
        guard !groupBy.isEmpty else { return try first.encode(to: encoder) }
        try fields.encode(groupBy, forKey: .groupBy)
        try fields.encode(series, forKey: .series)
    }
}

extension ForecastFile {
    /// The file's bytes: those of `KubeJSON.encoder()`, one series after the other, since an encoder takes many times the
    /// memory of what it encodes.
    package func encoded() throws -> Data {
        let encoder = KubeJSON.encoder()
        var frame = self
        frame.series = []
        // No text has these bytes in it, for its quotes are escaped.
        let list = Data(#""series":[]"#.utf8)
        guard !groupBy.isEmpty, case let around = try encoder.encode(frame), let place = around.firstRange(of: list)
        else { return try encoder.encode(self) }
        var bytes = around[..<(place.upperBound - 1)]
        for (number, one) in series.enumerated() {
            if number > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(try encoder.encode(one))
        }
        return bytes + around[(place.upperBound - 1)...]
    }
}

extension ForecastFile.Series: Codable {
    private enum Field: String, CodingKey { case key, history, forecast, quantiles, known }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        key = try fields.decodeIfPresent([String].self, forKey: .key) ?? []
        history = try fields.decode(ForecastFile.Part.self, forKey: .history)
        forecast = try fields.decode(ForecastFile.Part.self, forKey: .forecast)
        quantiles = try fields.decodeIfPresent([ForecastFile.Quantile].self, forKey: .quantiles)
        known = try fields.decodeIfPresent(ForecastFile.Part.self, forKey: .known)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Field.self)
        if !key.isEmpty { try fields.encode(key, forKey: .key) }
        try fields.encode(history, forKey: .history)
        try fields.encode(forecast, forKey: .forecast)
        try fields.encodeIfPresent(quantiles, forKey: .quantiles)
        try fields.encodeIfPresent(known, forKey: .known)
    }
}
