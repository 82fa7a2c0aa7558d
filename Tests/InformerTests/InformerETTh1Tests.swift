// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Forecasting
@testable import Tensor

/// The public data set beside the package; it may not be copied into it (CC BY-ND 4.0).
enum ETTh1File {
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
}

/// A short fit on public data; `tensor-bench fit` makes the long one.
@Suite("Informer on ETTh1", .enabled(if: ETTh1File.path != nil, "ETTh1.csv is not beside the package"))
struct InformerETTh1Tests {
    @Test("a small model beats the mean of the train rows after one epoch")
    func fits() throws {
        let frame = try ETTh1File.frame()
        let split = try DataSplit(trainEnd: 8_640, validationEnd: 9_600, testEnd: 14_400, lookback: 48, horizon: 24)
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
        (training.epochs, training.learningRate) = (1, 1e-3)
        let marks = TimeMarks(try Frequency("1h"), configuration.embedding).values(frame.timestamps)
        let columns = frame.columns.enumerated().map { scaler.scaled($1[...], column: $0) }
        let windows = InformerWindows(configuration, columns: columns, marks: marks)
        let fit = try InformerFit(
            configuration,
            training,
            windows: windows,
            train: [split.train],
            validation: [split.validation],
            FitContext(threads: 2)
        )
        // In scaled units the mean of the train rows is zero.
        let truth = windows.truth(windows.starts(in: [split.validation]))
        let mean = truth.reduce(0) { $0 + Double($1 * $1) } / Double(truth.count)
        let loss = try #require(fit.epochs[0].validationLoss)
        print("Informer on ETTh1: validation loss \(loss), that of the mean \(mean)")
        #expect(loss < 0.8 * mean)
    }
}
