// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Forecasting

/// Results on public data that must come out as in the literature and as recomputed independently in numpy.
@Suite("ETTh1", .enabled(if: ETTh1.path != nil, "ETTh1.csv is not beside the package"))
struct ETTh1Tests {
    struct Expected: CustomTestStringConvertible {
        let horizon: Int
        let nlinear: (mse: Double, mae: Double)
        let naive: (mse: Double, mae: Double)

        var testDescription: String { "336 to \(horizon)" }
    }

    static let expected = [
        Expected(horizon: 96, nlinear: (0.3702, 0.3915), naive: (0.5122, 0.4333)),
        Expected(horizon: 192, nlinear: (0.4034, 0.4112), naive: (0.5808, 0.4692)),
        Expected(horizon: 336, nlinear: (0.4277, 0.4262), naive: (0.6499, 0.5008)),
        Expected(horizon: 720, nlinear: (0.4344, 0.4505), naive: (0.6554, 0.5141)),
    ]

    static func forecaster(
        _ configuration: ModelConfiguration,
        horizon: Int
    ) throws -> (Forecaster, DataSplit, TimeSeriesFrame, Duration) {
        let frame = try #require(ETTh1.frame)
        let split = try ETTh1.split(lookback: 336, horizon: horizon)
        let scaler = Scaler(kind: .standard, fitting: frame, rows: split.train)
        let shape = try WindowShape(lookback: 336, horizon: horizon, channels: 7, targets: 7)
        let series = frame.columns.enumerated().map { scaler.scaled($1[split.train], column: $0) }
        let clock = ContinuousClock()
        let start = clock.now
        let model = try configuration.fit(series: series, shape: shape)
        let duration = clock.now - start
        let forecaster = try Forecaster(
            model: model,
            scaler: scaler,
            columns: frame.names,
            frequency: Frequency("1h")
        )
        return (forecaster, split, frame, duration)
    }

    static func report(
        _ forecaster: Forecaster,
        _ split: DataSplit,
        _ frame: TimeSeriesFrame
    ) throws -> EvaluationSummary {
        let shape = forecaster.shape
        let windows = try RollingOrigin(test: split.test, lookback: shape.lookback, horizon: shape.horizon)
        let backtest = try Backtest(candidate: forecaster, seasonLength: 24, windows: windows) { _ in forecaster }
        return try backtest.run(on: frame, train: split.train).summary
    }

    @Test("the scaler has the pinned means and population deviations of the train rows")
    func scaler() throws {
        let frame = try #require(ETTh1.frame)
        #expect(frame.rowCount == 17_420)
        let scaler = Scaler(kind: .standard, fitting: frame, rows: 0..<8_640)
        let means = [7.937742, 2.021039, 5.079771, 0.746186, 2.781762, 0.788453, 17.128262]
        let deviations = [5.812749, 2.090105, 5.518794, 1.926379, 1.023523, 0.630237, 9.176491]
        for column in 0..<7 {
            #expect(abs(scaler.centers[column] - means[column]) < 1e-6)
            #expect(abs(scaler.scales[column] - deviations[column]) < 1e-6)
        }
    }

    @Test("NLinear and the seasonal naive forecast have the known errors on all windows", arguments: expected)
    func nlinear(_ expected: Expected) throws {
        let (forecaster, split, frame, duration) = try Self.forecaster(
            .nlinear(individual: false),
            horizon: expected.horizon
        )
        let report = try Self.report(forecaster, split, frame)
        print("NLinear 336 to \(expected.horizon): fitted in \(duration), \(report.scaled)")
        #expect(report.windows == 2_881 - expected.horizon)
        #expect(abs(report.scaled.mse - expected.nlinear.mse) < 1e-3)
        #expect(abs(report.scaled.mae - expected.nlinear.mae) < 1e-3)
        #expect(abs(report.naiveScaled.mse - expected.naive.mse) < 1e-3)
        #expect(abs(report.naiveScaled.mae - expected.naive.mae) < 1e-3)
    }

    @Test("DLinear and the individual models beat the seasonal naive forecast")
    func others() throws {
        let cases: [(ModelConfiguration, horizon: Int)] = [
            (.dlinear(individual: false, kernelSize: 25), 720), (.dlinear(individual: true, kernelSize: 25), 96),
            (.nlinear(individual: true), 96),
        ]
        for (configuration, horizon) in cases {
            let (forecaster, split, frame, duration) = try Self.forecaster(configuration, horizon: horizon)
            let report = try Self.report(forecaster, split, frame)
            print("\(configuration) 336 to \(horizon): fitted in \(duration), \(report.scaled)")
            #expect(report.scaled.mse < 0.8 * report.naiveScaled.mse)
            #expect(report.scaled.mae < report.naiveScaled.mae)
        }
    }
}
