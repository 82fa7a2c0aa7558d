// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

@testable import Forecasting

@main
struct TensorBench {
    static func main() throws {
        let arguments = CommandLine.arguments
        let threads = arguments.count > 1 ? Int(arguments[1]) ?? 2 : 2
        let filter = arguments.count > 2 ? arguments[2] : ""
        for (name, configuration) in settings where name.contains(filter) {
            try train(name, configuration, threads: threads)
        }
    }

    static var settings: [(String, InformerConfiguration)] {
        var small = InformerConfiguration(inputs: 1, outputs: 1, marks: 4, lookback: 12, labelLength: 12, horizon: 6)
        (small.dModel, small.heads, small.feedForward) = (32, 4, 128)
        var medium = InformerConfiguration(inputs: 7, outputs: 7, marks: 4, lookback: 96, labelLength: 48, horizon: 24)
        let large = medium
        (medium.dModel, medium.heads, medium.feedForward) = (64, 4, 256)
        return [("d32", small), ("d64", medium), ("d512", large)]
    }

    static func train(_ name: String, _ configuration: InformerConfiguration, threads: Int) throws {
        let engine = try Engine(threads: threads, seed: 1)
        let trainer = InformerTrainer(configuration, InformerTraining(), engine: engine)
        let rows = 1_000
        var random = RandomStreams(seed: 3)
        let columns = (0..<configuration.inputs).map { _ in random.normal(rows).map { Double($0) } }
        let windows = InformerWindows(
            configuration,
            columns: columns,
            marks: random.uniform(rows * configuration.marks)
        )
        let clock = ContinuousClock()
        var best = Duration.seconds(1_000)
        let starts = Array(0..<32)
        let steps = configuration.dModel > 100 ? 6 : 200
        for step in 0..<steps {
            let begin = clock.now
            _ = trainer.step(windows, starts: starts[...], rate: 1e-4)
            let time = clock.now - begin
            if step > 1 { best = min(best, time) }
        }
        print("\(name): training step \(best), footprint \(engine.footprint / 1_000_000) MB, \(engine.instructionSet)")
    }
}
