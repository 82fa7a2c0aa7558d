// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Tensor

/// A model and how much faster than PyTorch it is meant to be.
struct BenchSetting {
    let name: String
    let configuration: InformerConfiguration
    let works: [Work]
    /// Training steps of the engine that take about a tenth of a second.
    let steps: Int

    /// What is measured, and its goal.
    struct Work {
        enum Kind: String {
            case train, forecast
        }

        let kind: Kind
        let batch: Int
        let goal: Double

        var title: String { kind == .train ? "training step" : "forecasts of \(batch)" }
        /// How it is chosen on the command line.
        var name: String { kind == .train ? "train" : "forecast-\(batch)" }
    }

    static let all: [BenchSetting] = {
        var small = InformerConfiguration(inputs: 1, outputs: 1, marks: 4, lookback: 12, labelLength: 12, horizon: 6)
        (small.dModel, small.heads, small.feedForward) = (32, 4, 128)
        var medium = InformerConfiguration(inputs: 7, outputs: 7, marks: 4, lookback: 96, labelLength: 48, horizon: 24)
        let large = medium
        (medium.dModel, medium.heads, medium.feedForward) = (64, 4, 256)
        return [
            BenchSetting(name: "d32", small, goals: (10, 10, 20), steps: 100),
            BenchSetting(name: "d64", medium, goals: (5, 5, 10), steps: 8),
            BenchSetting(name: "d512", large, goals: (1.6, 1.6, 3), steps: 1),
        ]
    }()

    private init(
        name: String,
        _ configuration: InformerConfiguration,
        goals: (train: Double, batched: Double, single: Double),
        steps: Int
    ) {
        self.name = name
        self.configuration = configuration
        works = [
            Work(kind: .train, batch: 32, goal: goals.train), Work(kind: .forecast, batch: 32, goal: goals.batched),
            Work(kind: .forecast, batch: 1, goal: goals.single),
        ]
        self.steps = steps
    }

    /// How often a short run repeats the work.
    func repetitions(of work: Work, torch: Bool) -> Int {
        let share = work.kind == .train ? 1 : work.batch > 1 ? 3 : 20
        return max(1, steps * share / (torch ? 8 : 1))
    }
}

/// Least times in milliseconds: of the clock, and of all processors together, which others on the machine disturb less.
struct LeastTime: Decodable {
    let wall: Double
    let processor: Double

    static let never = LeastTime(wall: .infinity, processor: .infinity)

    func least(_ other: LeastTime) -> LeastTime {
        LeastTime(wall: min(wall, other.wall), processor: min(processor, other.processor))
    }
}
