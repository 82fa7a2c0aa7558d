// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Forecasting
import Foundation

/// The authors' default run: ETTh1, seven columns, 96/48/24, six epochs.
struct LongFit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fit",
        abstract: "Fit the authors' default run on ETTh1, and print its test errors. Takes an hour."
    )

    @Argument(help: "ETTh1.csv.")
    var path: String
    @Argument(help: "The width of the model.")
    var width = 512
    @Option(help: "The only column to use, such as OT; all where nothing is named.")
    var column: String?

    func run() throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: ",") }
        let rows = lines.dropFirst()
        let first: Int64 = 1_467_331_200  // 2016-07-01
        let chosen = lines[0].indices.dropFirst().filter { column == nil || lines[0][$0] == column ?? "" }
        guard !chosen.isEmpty else { throw ValidationError("\(path) has no column \(column ?? "")") }
        let frame = try TimeSeriesFrame(
            timestamps: rows.indices.map { first + 3_600 * Int64($0 - 1) },
            names: chosen.map { String(lines[0][$0]) },
            columns: chosen.map { column in rows.map { Double($0[column]) ?? .nan } }
        )
        let split = try DataSplit(trainEnd: 8_640, validationEnd: 11_520, testEnd: 14_400, lookback: 96, horizon: 24)
        let scaler = Scaler(kind: .standard, fitting: frame, rows: split.train)
        var configuration = InformerConfiguration(
            inputs: chosen.count,
            outputs: chosen.count,
            marks: 4,
            lookback: 96,
            labelLength: 48,
            horizon: 24
        )
        (configuration.dModel, configuration.feedForward) = (width, 4 * width)
        let marks = TimeMarks(try Frequency("1h"), configuration.embedding).values(frame.timestamps)
        let columns = frame.columns.enumerated().map { scaler.scaled($1[...], column: $0) }
        let windows = InformerWindows(configuration, columns: columns, marks: marks)
        let context = FitContext(threads: 2) { event in
            guard case .epoch(let epoch, _, _) = event else { return }
            print("epoch \(epoch.number): train \(epoch.trainLoss), validation \(epoch.validationLoss ?? .nan)")
        }
        let fit = try InformerFit(
            configuration,
            InformerTraining(),
            windows: windows,
            train: [split.train],
            validation: [split.validation],
            context
        )
        let predictor = try InformerPredictor(configuration, tensors: fit.tensors, threads: 2)
        let errors = predictor.errors(windows, rows: split.test)
        print("test: MSE \(errors.mse), MAE \(errors.mae)")
    }
}
