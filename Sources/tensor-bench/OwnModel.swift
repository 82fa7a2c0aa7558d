// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import Tensor

/// Our model of a setting, to be trained and asked for forecasts.
final class OwnModel {
    private let configuration: InformerConfiguration
    private let trainer: InformerTrainer
    private let predictor: InformerPredictor
    private let windows: InformerWindows
    private let batch: Int

    convenience init(_ setting: BenchSetting, threads: Int) throws {
        try self.init(setting.configuration, batch: 32, threads: threads)
    }

    /// A model that is trained on numbers by chance.
    init(_ configuration: InformerConfiguration, batch: Int, threads: Int) throws {
        (self.configuration, self.batch) = (configuration, batch)
        var training = InformerTraining()
        training.batchSize = batch
        trainer = try InformerTrainer(configuration, training, engine: try Engine(threads: threads, seed: 1))
        predictor = try trainer.fixedPredictor(threads: threads)
        let rows = configuration.lookback + configuration.horizon + 64
        var random = RandomStreams(seed: 3)
        let columns = (0..<configuration.inputs).map { _ in random.normal(rows).map { Double($0) } }
        windows = InformerWindows(
            configuration,
            columns: columns,
            marks: random.uniform(rows * configuration.marks).map { $0 - 0.5 }
        )
    }

    /// The least time of some repetitions, after one to warm up.
    func measure(_ work: BenchSetting.Work, _ repetitions: Int) -> LeastTime {
        switch work.kind {
        case .train: train(repetitions)
        case .forecast: forecast(work.batch, repetitions)
        }
    }

    /// The least time of a training step.
    func train(_ repetitions: Int) -> LeastTime {
        let starts = Array(0..<batch)
        return least(of: repetitions) { _ = trainer.step(windows, starts: starts[...], rate: 1e-4) }
    }

    private func forecast(_ batch: Int, _ repetitions: Int) -> LeastTime {
        let c = configuration
        let values = [Float](repeating: 0.5, count: batch * c.lookback * c.inputs)
        let marks = [Float](repeating: 0.1, count: batch * (c.lookback + c.horizon) * c.marks)
        var output = [Float](repeating: 0, count: batch * c.horizon * c.outputs)
        return least(of: repetitions) {
            var span = output.mutableSpan
            predictor.predict(values.span, future: [Float]().span, marks: marks.span, batch: batch, into: &span)
        }
    }

    private func least(of repetitions: Int, _ body: () -> Void) -> LeastTime {
        body()
        let clock = ContinuousClock()
        return (0..<repetitions).reduce(LeastTime.never) { least, _ in
            let before = Foundation.clock()
            let wall = clock.measure(body) / .milliseconds(1)
            let processor = Double(Foundation.clock() - before) / (Double(CLOCKS_PER_SEC) / 1_000)
            return least.least(LeastTime(wall: wall, processor: processor))
        }
    }
}
