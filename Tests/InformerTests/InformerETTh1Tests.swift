// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Forecasting
@testable import Tensor

/// A short fit on public data; `tensor-bench fit` makes the long one.
@Suite("Informer on ETTh1", .enabled(if: InformerETTh1Tests.path != nil, "ETTh1.csv is not beside the package"))
struct InformerETTh1Tests {
    static let path: String? = {
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("shared/data/ETTh1.csv").path
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
        }
        return nil
    }()

    /// Hours from 2016-07-01 on, seven columns.
    static func frame() throws -> TimeSeriesFrame {
        let text = try String(contentsOfFile: try #require(path), encoding: .utf8)
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: ",") }
        let names = lines[0].dropFirst().map { String($0) }
        let first = UTCTime.seconds(year: 2016, month: 7, day: 1)
        return try TimeSeriesFrame(
            timestamps: (0..<(lines.count - 1)).map { first + 3_600 * Int64($0) },
            names: names,
            columns: names.indices.map { column in lines.dropFirst().map { Double($0[column + 1]) ?? .nan } }
        )
    }

    @Test("a small model beats the mean after two epochs on part of the rows")
    func fits() throws {
        let frame = try Self.frame()
        let split = try DataSplit(trainEnd: 8_640, validationEnd: 11_520, testEnd: 14_400, lookback: 48, horizon: 24)
        let scaler = Scaler(kind: .standard, fitting: frame, rows: split.train)
        var configuration = InformerConfiguration(
            inputs: 7,
            outputs: 7,
            marks: 4,
            lookback: 48,
            labelLength: 24,
            horizon: 24
        )
        (configuration.dModel, configuration.heads, configuration.feedForward) = (32, 4, 64)
        configuration.encoderLayers = 1
        var training = InformerTraining()
        (training.epochs, training.learningRate) = (2, 1e-3)
        let marks = TimeMarks(try Frequency("1h"), configuration.embedding).values(frame.timestamps)
        let columns = frame.columns.enumerated().map { scaler.scaled($1[...], column: $0) }
        let fit = try InformerFit(
            configuration,
            training,
            windows: InformerWindows(configuration, columns: columns, marks: marks),
            train: 0..<3_000,
            validation: 8_592..<9_200,
            threads: 2
        )
        print("Informer on ETTh1: \(fit.epochs)")
        // The columns have unit variance; the mean of the train rows has an error near 1.
        #expect(fit.epochs[1].trainLoss < 0.6 && fit.epochs[1].validationLoss < 0.9)
    }
}
