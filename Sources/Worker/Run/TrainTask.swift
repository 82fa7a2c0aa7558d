// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore
import Forecasting

/// Fits the scaler and the model on the training rows and stores them as the run's candidate.
struct TrainTask: Sendable {
    func run(_ context: inout StepContext) async throws {
        let spec = context.spec
        let dataset = try await context.dataset()
        let frame = try dataset.frame.selecting(spec.series.targets)
        let split = try spec.dataSplit(rows: frame.rowCount)
        let kind = spec.model.chosenKinds.first ?? ""
        context.report(.train, "fitting \(kind) on \(split.train.count) rows", rows: split.train.count)
        let forecaster = try await LongWork.compute { try Self.fit(spec, frame, rows: split.train) }
        let candidate = try Artifact(
            forecaster: forecaster,
            missing: spec.missingPolicy,
            evaluation: nil,
            inputExample: frame.lastRows(spec.model.lookback),
            origin: context.origin(of: dataset.reference)
        )
        try await context.keep(candidate, forecaster)
    }

    private static func fit(
        _ spec: ForecastPipelineSpec,
        _ frame: TimeSeriesFrame,
        rows: Range<Int>
    ) throws -> Forecaster {
        let scaler = Scaler(kind: spec.scalerKind, fitting: frame, rows: rows)
        let series = frame.columns.enumerated().map { scaler.scaled($1[rows], column: $0) }
        let model = try spec.modelConfiguration().fit(series: series, shape: spec.windowShape())
        return try Forecaster(model: model, scaler: scaler, columns: frame.names, frequency: spec.frequency())
    }
}

extension StepContext {
    /// What an artifact that is made now says of where it comes from.
    func origin(of data: DatasetReference) -> ArtifactManifest.Origin {
        ArtifactManifest.Origin(data: data, created: KubeTime.format(now()), producer: "almanac-worker")
    }
}

extension TimeSeriesFrame {
    /// The last rows, each with all columns.
    func lastRows(_ count: Int) -> [[Double]] {
        (max(0, rowCount - count)..<rowCount).map { row in columns.map { $0[row] } }
    }
}
