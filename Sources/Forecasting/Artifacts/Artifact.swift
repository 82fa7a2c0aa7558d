// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A model with everything that is needed to use it: the manifest and the weights.
package struct Artifact: Hashable, Sendable {
    /// What the artifact says of itself.
    package let manifest: ArtifactManifest
    /// The weights.
    package let weights: SafetensorsFile

    /// Makes an artifact of fitted forecasters.
    ///
    /// - Parameters:
    ///   - profiles: What later rows and forecasts are held against, one a series; nil for a candidate.
    ///   - inputExample: A history of the first series in original units, complete.
    ///   - futureExample: The columns that must be known ahead, in the rows behind it.
    ///   - origin: The data, the time and the program.
    /// - Throws: `ForecastingError`: `invalidHistory` when the example does not fit, `digestUnavailable`.
    package init(
        forecaster: PanelForecaster,
        evaluation: EvaluationSummary?,
        profiles: [TrainingProfile]? = nil,
        inputExample: [[Double]],
        futureExample: [[Double]] = [],
        origin: ArtifactManifest.Origin
    ) throws(ForecastingError) {
        let common = forecaster.common
        let (rows, columns) = (common.historyShape.lookback, common.historyShape.channels)
        guard inputExample.count == rows, inputExample.allSatisfy({ $0.count == columns }) else {
            throw .invalidHistory(reason: "the input example is not \(rows) rows of \(columns) columns")
        }
        let (ahead, known) = (common.historyShape.horizon, common.historyShape.future)
        guard futureExample.count == (known > 0 ? ahead : 0), futureExample.allSatisfy({ $0.count == known }) else {
            throw .invalidHistory(reason: "the example of rows to come is not \(ahead) rows of \(known) columns")
        }
        let isGrouped = !forecaster.groupBy.isEmpty
        weights = try SafetensorsFile(
            tensors: isGrouped ? Self.groupTensors(forecaster, profiles) : Self.tensors(of: common)
        )
        let digest = try SHA256Hasher.digest(of: weights.encoded())
        manifest = ArtifactManifest(
            model: .init(configuration: common.model.configuration, shape: common.shape),
            series: .init(columns: common.columns, frequency: common.frequency),
            groups: isGrouped ? .init(forecaster, profiles) : nil,
            preprocessing: common.preprocessor,
            intervals: common.intervals.map { intervals in
                let windows = forecaster.forecasters.reduce(0) { $0 + ($1.intervals?.windows ?? 0) }
                return .init(levels: intervals.levels.percents, windows: windows)
            },
            evaluation: evaluation,
            profile: isGrouped ? nil : profiles?.first,
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

    private static func tensors(of forecaster: Forecaster) -> [NamedTensor] {
        forecaster.model.tensors + (forecaster.intervals.map { [$0.tensor(of: forecaster.shape)] } ?? [])
    }

    /// The forecasters, as they were evaluated.
    /// - Parameter calls: How many forecasts may be computed at a time, each on one thread.
    /// - Throws: `ForecastingError`: `invalidModel`, `invalidShape`; what is wrong with one of several series is `inSeries`.
    package func panelForecaster(calls: Int = 1) throws(ForecastingError) -> PanelForecaster {
        if let groups = manifest.groups { return try panelForecaster(groups, calls: calls) }
        let model = try model(weights.tensors, calls: calls)
        return try PanelForecaster(
            forecaster(model, manifest.preprocessing, intervals: manifest.intervals, weights.tensors)
        )
    }

    /// The model of some tensors.
    func model(_ tensors: [NamedTensor], calls: Int) throws(ForecastingError) -> any ForecastModel {
        try manifest.model.configuration.load(
            tensors: tensors,
            shape: manifest.model.shape,
            frequency: manifest.series.frequency,
            calls: calls
        )
    }

    /// The forecaster of one series, with the bounds of its intervals among the tensors.
    func forecaster(
        _ model: any ForecastModel,
        _ preprocessor: Preprocessor,
        intervals stored: ArtifactManifest.Intervals?,
        _ tensors: [NamedTensor]
    ) throws(ForecastingError) -> Forecaster {
        let forecaster = try Forecaster(
            model: model,
            preprocessor: preprocessor,
            columns: manifest.series.columns,
            frequency: manifest.series.frequency
        )
        guard let stored else { return forecaster }
        return try forecaster.adding(ForecastIntervals(stored, tensors: tensors, shape: manifest.model.shape))
    }
}
