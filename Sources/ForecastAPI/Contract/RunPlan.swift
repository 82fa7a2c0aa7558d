// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The steps of a run and what each waits for. The operator makes Jobs of it, `almanac run` child processes.
package struct RunPlan: Sendable, Equatable {
    /// The steps, each after those that it depends on.
    package var steps: [PlannedStep]

    /// Plans a run.
    ///
    /// Preparing the data is a step of its own: it is the one that needs the network and the source's credentials, and
    /// a fault in the data is known before anything is trained. The rest gains nothing from being apart for a model
    /// that is fitted in seconds.
    package init(for spec: ForecastPipelineSpec) {
        let prepare = StepSpec.Name.prepare.rawValue
        let planned = [
            PlannedStep(name: prepare, tasks: [.prepare], dependsOn: []),
            PlannedStep(
                name: StepSpec.Name.train.rawValue,
                tasks: [.train, .evaluate, .publish],
                dependsOn: [prepare]
            ),
        ]
        steps = planned.map { step in
            var step = step
            step.limits = StepLimits(spec.steps?.first { $0.name.rawValue == step.name })
            return step
        }
    }
}

/// One step: what one pod, or one child process, does.
package struct PlannedStep: Sendable, Equatable {
    /// The step's name, a part of its Job's name.
    package var name: String
    /// What the worker does, in order.
    package var tasks: [StepTask]
    /// The steps that must have succeeded before.
    package var dependsOn: [String]
    /// How often and how long it is tried.
    package var limits = StepLimits(nil)

    /// Makes a step.
    package init(name: String, tasks: [StepTask], dependsOn: [String]) {
        self.name = name
        self.tasks = tasks
        self.dependsOn = dependsOn
    }
}

/// How often and how long a step is tried.
package struct StepLimits: Sendable, Equatable {
    /// How often it is tried where another attempt may help.
    package var attempts: Int
    /// Seconds before the second attempt; doubled for each further one.
    package var backoffSeconds: Int
    /// Seconds that one attempt may take; nil for as long as it needs.
    package var deadlineSeconds: Int?
    /// Requests and limits of its pods; nil for those of all steps.
    package var resources: ResourcesSpec?

    /// The limits that a specification sets, with the defaults.
    package init(_ spec: StepSpec?) {
        attempts = spec?.attempts ?? 3
        backoffSeconds = spec?.backoffSeconds ?? 10
        deadlineSeconds = spec?.deadlineSeconds
        resources = spec?.resources
    }

    /// Seconds to wait after that many failed attempts, at most an hour.
    package func pause(after attempts: Int) -> Double {
        guard attempts > 0 else { return 0 }
        return min(3_600, Double(backoffSeconds) * Double(1 << min(attempts - 1, 12)))
    }
}

/// One thing that a worker can do in a step.
package enum StepTask: String, Codable, Sendable, CaseIterable {
    /// Reads the source, cleans it and writes the data set to the store.
    case prepare = "Prepare"
    /// Fits the scaler and the model on the training rows.
    case train = "Train"
    /// Scores the model and the seasonal naive forecast on the test windows.
    case evaluate = "Evaluate"
    /// Registers the model under its version, with its metrics and a forecast from the last rows.
    case publish = "Publish"
    /// Compares forecasts that a service issued with what came true; never part of a run.
    case monitor = "Monitor"
}
