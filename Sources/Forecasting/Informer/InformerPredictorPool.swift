// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Lends predictors of the same model, each to one caller at a time; further callers wait.
///
/// Each computes on one thread, for requests run side by side. They have the parameters in common and memory of their own
/// for what lies between.
final class InformerPredictorPool: Sendable {
    /// A predictor belongs to one caller at a time: it is either in `idle` or borrowed, never both.
    private struct Idle: @unchecked Sendable {
        var predictors: [InformerPredictor]
    }

    /// Where the parameters are, which all predictors read; it computes nothing itself.
    private struct Original: @unchecked Sendable {
        let predictor: InformerPredictor
    }

    private let original: Original
    private let idle = Mutex(Idle(predictors: []))
    private let places: DispatchSemaphore

    /// A pool that grows with the number of callers, up to `calls`.
    /// - Throws: `ForecastingError`: `invalidShape`, `invalidModel`.
    init(
        _ configuration: InformerConfiguration,
        tensors: [NamedTensor],
        calls: Int
    ) throws(ForecastingError) {
        original = Original(predictor: try InformerPredictor(configuration, tensors: tensors))
        places = DispatchSemaphore(value: max(1, calls))
    }

    /// Takes a predictor, which must be given back. Blocks while all are borrowed.
    func borrow() -> InformerPredictor {
        places.wait()
        let free = idle.withLock { idle in Idle(predictors: idle.predictors.popLast().map { [$0] } ?? []) }
        return free.predictors.first ?? InformerPredictor(sharing: original.predictor)
    }

    /// Takes a predictor back.
    func giveBack(_ predictor: InformerPredictor) {
        let returned = Idle(predictors: [predictor])
        idle.withLock { $0.predictors += returned.predictors }
        places.signal()
    }
}
