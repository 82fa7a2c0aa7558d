// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

@testable import Serving

extension ServedModel {
    /// A model of one series.
    init(
        name: String,
        version: String,
        kind: String,
        forecaster: Forecaster,
        exampleRows: [[Double]] = [],
        exampleFuture: [[Double]] = [],
        exampleEnd: Int64 = 1_767_225_600
    ) {
        self.init(name: name, version: version, kind: kind, panel: PanelForecaster(forecaster))
        (self.exampleRows, self.exampleFuture, self.exampleEnd) = (exampleRows, exampleFuture, exampleEnd)
    }

    /// A model that repeats its last three numbers, [3] to [2]: `[1, 2, 3]` gives `[1, 2]`.
    static func naive(_ version: String = "v1", name: String = "traffic") throws -> ServedModel {
        try model(
            version,
            name: name,
            SeasonalNaive(
                shape: WindowShape(lookback: 3, horizon: 2, channels: 1, targets: 1),
                seasonLength: 3
            )
        )
    }

    /// A served model without scaling.
    static func model(_ version: String, name: String, _ model: any ForecastModel) throws -> ServedModel {
        let forecaster = try Forecaster(
            model: model,
            scaler: Scaler(
                kind: .none,
                fitting: TimeSeriesFrame(timestamps: [0], names: ["value"], columns: [[0]]),
                rows: 0..<1
            ),
            columns: ["value"],
            frequency: Frequency("1h")
        )
        return ServedModel(name: name, version: version, kind: "SeasonalNaive", forecaster: forecaster)
    }
}
