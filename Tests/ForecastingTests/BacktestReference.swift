// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import Forecasting

/// `Reference/backtest.json`: what other people's libraries found. The README beside it says which.
struct BacktestReference: Decodable {
    struct Metrics: Decodable {
        let mae, mse, rmse, mase, r2, smape: Double
        let mape: Double?
    }

    struct Test: Decodable {
        let statistic, pValue: Double
        let kernel: String
    }

    struct Case: Decodable {
        let columns: [String]
        let lookback, horizon, windows, strideSteps: Int
        let mode: String
        let shift: Double?
        let from: String
        let overall, lastWindow: [String: Metrics]
        let windowsWon: [String: Int]
        let dieboldMariano: [String: Test]
    }

    struct Synthetic: Decodable {
        let first, second: [Double]
        let horizon: Int
        let statistic, pValue: Double
        let kernel: String
    }

    let trainRows, rows, season: Int
    let cases: [Case]
    let synthetic: [Synthetic]

    static func load() throws -> BacktestReference {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Reference/backtest.json")
        return try JSONDecoder().decode(BacktestReference.self, from: Data(contentsOf: file))
    }
}
