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
        steps = [
            PlannedStep(name: "prepare", tasks: [.prepare], dependsOn: []),
            PlannedStep(name: "train", tasks: [.train, .evaluate, .publish], dependsOn: ["prepare"]),
        ]
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

    /// Makes a step.
    package init(name: String, tasks: [StepTask], dependsOn: [String]) {
        self.name = name
        self.tasks = tasks
        self.dependsOn = dependsOn
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
}
