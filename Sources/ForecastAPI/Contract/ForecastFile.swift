// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// The forecast that a run makes beyond its data: `runs/<namespace>/<run>/forecast.json` in the store.
package struct ForecastFile: Codable, Sendable, Equatable {
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
    /// The last `lookback` rows of the data, of targets and covariates.
    package var history: Part
    /// The `horizon` rows that follow.
    package var forecast: Part
    /// The quantiles of the forecast, ascending; nil where the model has no intervals.
    package var quantiles: [Quantile]?
    /// What is known of these rows: the future covariates; nil where there are none.
    package var known: Part?

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

    /// Makes a file.
    package init(
        pipeline: String,
        version: String,
        frequency: String,
        targets: [String],
        pastCovariates: [String]? = nil,
        futureCovariates: [String]? = nil,
        history: Part,
        forecast: Part,
        quantiles: [Quantile]? = nil,
        known: Part? = nil
    ) {
        schemaVersion = StepRequest.currentSchemaVersion
        self.pipeline = pipeline
        self.version = version
        self.frequency = frequency
        self.targets = targets
        self.pastCovariates = pastCovariates
        self.futureCovariates = futureCovariates
        self.history = history
        self.forecast = forecast
        self.quantiles = quantiles
        self.known = known
    }
}
