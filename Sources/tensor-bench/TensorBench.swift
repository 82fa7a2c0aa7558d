// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import Tensor

/// Measures Informer: `tensor-bench [threads] [d32|d64|d512]` prints the best times of a training step at batch 32 and
/// of forecasts at batch 32 and 1; `tensor-bench fit ETTh1.csv [width]` fits the authors' default run.
@main
struct TensorBench {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "fit", arguments.count > 1 {
            try LongFit(path: arguments[1], width: arguments.count > 2 ? Int(arguments[2]) ?? 512 : 512).run()
            return
        }
        let threads = arguments.first.flatMap { Int($0) } ?? 2
        for setting in Setting.all where arguments.count < 2 || setting.name == arguments[1] {
            try setting.measure(threads: threads)
        }
    }
}

/// A model whose times are known of other software.
struct Setting {
    let name: String
    let configuration: InformerConfiguration
    let repetitions: Int

    static var all: [Setting] {
        var small = InformerConfiguration(inputs: 1, outputs: 1, marks: 4, lookback: 12, labelLength: 12, horizon: 6)
        (small.dModel, small.heads, small.feedForward) = (32, 4, 128)
        var medium = InformerConfiguration(inputs: 7, outputs: 7, marks: 4, lookback: 96, labelLength: 48, horizon: 24)
        let large = medium
        (medium.dModel, medium.heads, medium.feedForward) = (64, 4, 256)
        return [
            Setting(name: "d32", configuration: small, repetitions: 500),
            Setting(name: "d64", configuration: medium, repetitions: 50),
            Setting(name: "d512", configuration: large, repetitions: 4),
        ]
    }

    func measure(threads: Int) throws {
        let engine = try Engine(threads: threads, seed: 1)
        let trainer = InformerTrainer(configuration, InformerTraining(), engine: engine)
        let rows = 1_000
        var random = RandomStreams(seed: 3)
        let columns = (0..<configuration.inputs).map { _ in random.normal(rows).map { Double($0) } }
        let marks = random.uniform(rows * configuration.marks)
        let windows = InformerWindows(configuration, columns: columns, marks: marks)
        let starts = Array(0..<32)
        let training = best(repetitions) { _ = trainer.step(windows, starts: starts[...], rate: 1e-4) }
        let batched = forecast(trainer.predictor, batch: 32, repetitions)
        let single = forecast(trainer.predictor, batch: 1, 10 * repetitions)
        print(
            "\(name), \(threads) threads, \(engine.instructionSet): training step \(training), forecasts of 32 "
                + "\(batched), of 1 \(single), \(engine.footprint / 1_000_000) MB"
        )
    }

    private func forecast(_ predictor: InformerPredictor, batch: Int, _ repetitions: Int) -> BestTime {
        let c = configuration
        let windows = [Float](repeating: 0.5, count: batch * c.lookback * c.inputs)
        let marks = [Float](repeating: 0.1, count: batch * (c.lookback + c.horizon) * c.marks)
        var output = [Float](repeating: 0, count: batch * c.horizon * c.outputs)
        return best(repetitions) {
            var span = output.mutableSpan
            predictor.predict(windows.span, marks: marks.span, batch: batch, into: &span)
        }
    }

    /// The least time after one run to warm up.
    private func best(_ repetitions: Int, _ body: () -> Void) -> BestTime {
        body()
        let clock = ContinuousClock()
        return (0..<repetitions).reduce(BestTime(wall: .infinity, processor: .infinity)) { best, _ in
            let before = Foundation.clock()
            let wall = clock.measure(body) / .milliseconds(1)
            let processor = Double(Foundation.clock() - before) / (Double(CLOCKS_PER_SEC) / 1_000)
            return BestTime(wall: min(best.wall, wall), processor: min(best.processor, processor))
        }
    }
}

/// Times in milliseconds: of the clock, and of the processors, which others on the machine disturb less.
struct BestTime: CustomStringConvertible {
    let wall: Double
    let processor: Double

    var description: String { String(format: "%.3f ms (processor %.3f ms)", wall, processor) }
}

/// The authors' default run: ETTh1, seven columns, 96/48/24, six epochs.
struct LongFit {
    let path: String
    /// Of the model; the authors' is 512.
    let width: Int

    func run() throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: ",") }
        let rows = lines.dropFirst()
        let first: Int64 = 1_467_331_200  // 2016-07-01
        let frame = try TimeSeriesFrame(
            timestamps: rows.indices.map { first + 3_600 * Int64($0 - 1) },
            names: lines[0].dropFirst().map { String($0) },
            columns: (1..<lines[0].count).map { column in rows.map { Double($0[column]) ?? .nan } }
        )
        let split = try DataSplit(trainEnd: 8_640, validationEnd: 11_520, testEnd: 14_400, lookback: 96, horizon: 24)
        let scaler = Scaler(kind: .standard, fitting: frame, rows: split.train)
        var configuration = InformerConfiguration(
            inputs: 7,
            outputs: 7,
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
            train: split.train,
            validation: split.validation,
            context
        )
        let predictor = try InformerPredictor(configuration, tensors: fit.tensors, threads: 2)
        let errors = predictor.errors(windows, rows: split.test)
        print("test: MSE \(errors.mse), MAE \(errors.mae)")
    }
}
