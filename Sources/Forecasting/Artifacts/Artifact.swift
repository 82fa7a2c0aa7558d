// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A model with everything that is needed to use it: the manifest and the weights.
package struct Artifact: Hashable, Sendable {
    /// What the artifact says of itself.
    package let manifest: ArtifactManifest
    /// The weights.
    package let weights: SafetensorsFile

    /// Makes an artifact of a fitted forecaster.
    ///
    /// - Parameters:
    ///   - profile: What later rows and forecasts are held against; nil for a candidate.
    ///   - inputExample: A history in original units, complete.
    ///   - futureExample: The columns that must be known ahead, in the rows behind it.
    ///   - origin: The data, the time and the program.
    /// - Throws: `ForecastingError`: `invalidHistory` when the example does not fit, `digestUnavailable`.
    package init(
        forecaster: Forecaster,
        evaluation: EvaluationSummary?,
        profile: TrainingProfile? = nil,
        inputExample: [[Double]],
        futureExample: [[Double]] = [],
        origin: ArtifactManifest.Origin
    ) throws(ForecastingError) {
        let (rows, columns) = (forecaster.historyShape.lookback, forecaster.historyShape.channels)
        guard inputExample.count == rows, inputExample.allSatisfy({ $0.count == columns }) else {
            throw .invalidHistory(reason: "the input example is not \(rows) rows of \(columns) columns")
        }
        let (ahead, known) = (forecaster.historyShape.horizon, forecaster.historyShape.future)
        guard futureExample.count == (known > 0 ? ahead : 0), futureExample.allSatisfy({ $0.count == known }) else {
            throw .invalidHistory(reason: "the example of rows to come is not \(ahead) rows of \(known) columns")
        }
        let bounds = forecaster.intervals.map { [$0.tensor(of: forecaster.shape)] } ?? []
        weights = try SafetensorsFile(tensors: forecaster.model.tensors + bounds)
        let digest = try SHA256Hasher.digest(of: weights.encoded())
        manifest = ArtifactManifest(
            model: .init(configuration: forecaster.model.configuration, shape: forecaster.shape),
            series: .init(columns: forecaster.columns, frequency: forecaster.frequency),
            preprocessing: forecaster.preprocessor,
            intervals: forecaster.intervals.map { .init(levels: $0.levels.percents, windows: $0.windows) },
            evaluation: evaluation,
            profile: profile,
            origin: origin,
            files: [ArtifactManifest.weightsName: digest],
            inputExample: inputExample,
            futureExample: futureExample.isEmpty ? nil : futureExample
        )
    }

    /// An artifact of its two files.
    package init(manifest: ArtifactManifest, weights: SafetensorsFile) {
        self.manifest = manifest
        self.weights = weights
    }

    /// The forecaster, as it was evaluated.
    /// - Parameter calls: How many forecasts may be computed at a time, each on one thread.
    /// - Throws: `ForecastingError`: `invalidModel`, `invalidShape`.
    package func forecaster(
        calls: Int = 1
    ) throws(ForecastingError) -> Forecaster {
        let forecaster = try Forecaster(
            model: manifest.model.configuration.load(
                tensors: weights.tensors,
                shape: manifest.model.shape,
                frequency: manifest.series.frequency,
                calls: calls
            ),
            preprocessor: manifest.preprocessing,
            columns: manifest.series.columns,
            frequency: manifest.series.frequency
        )
        guard let stored = manifest.intervals else { return forecaster }
        return try forecaster.adding(
            ForecastIntervals(stored, tensors: weights.tensors, shape: manifest.model.shape)
        )
    }
}
