// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How one step of a run is tried, and how its pods are sized.
package struct StepSpec: Codable, Sendable, Equatable {
    /// The step of the plan.
    package var name: Name
    /// How often it is tried where another attempt may help, 1 to 10. Default 3.
    package var attempts: Int?
    /// Seconds before the second attempt, doubled for each further one, 1 to 3600. Default 10.
    package var backoffSeconds: Int?
    /// Seconds that one attempt may take on a cluster, from 1 on; by default as long as it needs.
    package var deadlineSeconds: Int?
    /// Requests and limits of this step's pods in place of those in `worker`.
    package var resources: ResourcesSpec?

    /// The steps that plans are made of.
    package enum Name: String, Codable, Sendable, CaseIterable {
        /// Reads and cleans the data.
        case prepare
        /// Fits, scores and registers the model.
        case train
    }

    /// Makes the settings of a step.
    package init(name: Name) {
        self.name = name
    }
}

extension ForecastPipelineSpec {
    /// What the settings of steps contradict.
    func checkSteps(_ check: inout SpecCheck) {
        var names: Set<StepSpec.Name> = []
        for (index, step) in (steps ?? []).enumerated() {
            let field = "spec.steps[\(index)]"
            if !names.insert(step.name).inserted {
                check.add("\(field).name", "'\(step.name.rawValue)' is there twice; name each step once")
            }
            check.range("\(field).attempts", step.attempts, 1...10)
            check.range("\(field).backoffSeconds", step.backoffSeconds, 1...3_600)
            check.range("\(field).deadlineSeconds", step.deadlineSeconds, 1...2_592_000)
        }
    }
}
