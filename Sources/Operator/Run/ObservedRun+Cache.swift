// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

extension ObservedRun {
    /// What the result of a step depends on; nil where the data or the image is not known.
    ///
    /// The image is the one that prepared the data, by its digest: a tag may name another one tomorrow.
    func cacheKey(of request: StepRequest, _ observations: [String: StepObservation]) throws -> String? {
        guard !request.tasks.contains(.prepare) else { return nil }
        var dataset = run.status?.dataset
        var image: String?
        for step in RunPlan(for: request.spec).steps where step.tasks.contains(.prepare) {
            image = observations[step.name]?.image ?? run.status?.steps?.first { $0.name == step.name }?.image
            if case .succeeded(let result) = observations[step.name]?.state { dataset = result.dataset ?? dataset }
        }
        guard let dataset, let image else { return nil }
        return try StepCacheKey.key(of: request, dataset: dataset, image: image)
    }

    /// The latest run of the pipeline that has the result of a step with that key.
    func origin(of key: String, _ step: PlannedStep) -> ForecastRun? {
        let candidates = family.filter { other in
            other.metadata.uid != run.metadata.uid && other.metadata.deletionTimestamp == nil
                && other.status?.metrics != nil && other.status?.model != nil && isComparable(other)
                && other.status?.steps?.contains {
                    $0.name == step.name && $0.state == .succeeded && $0.cacheKey == key
                } == true
        }
        return candidates.max {
            ($0.metadata.creationTimestamp ?? .distantPast, $0.metadata.name)
                < ($1.metadata.creationTimestamp ?? .distantPast, $1.metadata.name)
        }
    }

    /// Whether the gate can judge that run's result: it was compared with the version that is promoted now, or is that
    /// version, or need not be compared with it.
    private func isComparable(_ other: ForecastRun) -> Bool {
        let asked = run.template?.gate?.baseline?.kind
        guard let incumbent, asked == .incumbent || asked == .both else { return true }
        let compared = other.status?.backtest?.baseline(.incumbent)?.version
        return incumbent.version == compared || incumbent.version == other.status?.model?.version
    }

    /// A step that is done because an earlier run has its result. Its gate is asked anew: the threshold may be another.
    func taken(_ step: PlannedStep, from origin: ForecastRun, _ key: String, _ now: Date) -> StepObservation {
        var result = StepResult(step: step.name)
        result.metrics = origin.status?.metrics
        result.model = origin.status?.model
        result.backtest = origin.status?.backtest
        var observation = StepObservation(state: .succeeded(result), startTime: now, completionTime: now)
        observation.cacheKey = key
        // The run that did the work, however many took its result since.
        observation.cachedFrom =
            origin.status?.steps?.first { $0.name == step.name }?.cachedFrom ?? origin.metadata.name
        return observation
    }

    func cached(_ step: PlannedStep, _ origin: ForecastRun) -> EventNote {
        EventNote(
            isWarning: false,
            reason: "StepCached",
            action: "ReuseResult",
            message: "step \(step.name) takes the result of run \(origin.metadata.name): same data, settings and image"
        )
    }
}
