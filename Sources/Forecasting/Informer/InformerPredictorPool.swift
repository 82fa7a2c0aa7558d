// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Lends predictors of the same model, each to one caller at a time; further callers wait.
///
/// Each computes on one thread: sums in another order would make what is served differ, if only in its last digits, from
/// what was measured.
final class InformerPredictorPool: Sendable {
    /// A predictor belongs to one caller at a time: it is either in `idle` or borrowed, never both.
    private struct Idle: @unchecked Sendable {
        var predictors: [InformerPredictor]
    }

    private let configuration: InformerConfiguration
    private let tensors: [NamedTensor]
    private let idle: Mutex<Idle>
    private let places: DispatchSemaphore

    /// A pool of one predictor, which grows with the number of callers.
    /// - Throws: `ForecastingError`: `invalidShape`, `invalidModel`.
    init(
        _ configuration: InformerConfiguration,
        tensors: [NamedTensor],
        calls: Int
    ) throws(ForecastingError) {
        self.configuration = configuration
        self.tensors = tensors
        let first = try InformerPredictor(configuration, tensors: tensors)
        idle = Mutex(Idle(predictors: [first]))
        places = DispatchSemaphore(value: max(1, calls))
    }

    /// Takes a predictor, which must be given back. Blocks while all are borrowed.
    func borrow() -> InformerPredictor {
        places.wait()
        let free = idle.withLock { idle in Idle(predictors: idle.predictors.popLast().map { [$0] } ?? []) }
        if let predictor = free.predictors.first { return predictor }
        do throws(ForecastingError) {
            return try InformerPredictor(configuration, tensors: tensors)
        } catch {
            // The same tensors made the first one, and one thread is always there.
            preconditionFailure("InformerPredictorPool: \(error)")
        }
    }

    /// Takes a predictor back.
    func giveBack(_ predictor: InformerPredictor) {
        let returned = Idle(predictors: [predictor])
        idle.withLock { $0.predictors += returned.predictors }
        places.signal()
    }
}
