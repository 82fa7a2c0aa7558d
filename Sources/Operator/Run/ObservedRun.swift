// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// All that a decision about a run is made from.
struct ObservedRun: Sendable {
    var run: ForecastRun
    /// The pipeline that it names.
    var pipeline: ForecastPipeline?
    /// The run that a clone comes from.
    var origin: ForecastRun?
    /// All runs of that pipeline, clones too.
    var family: [ForecastRun] = []
    /// The services that serve that pipeline's versions.
    var services: [ForecastService] = []
    /// The names of all services of the namespace whose forecasts are remembered.
    var monitoredServices: [String] = []
    /// Jobs that the run controls.
    var jobs: [Job]
    /// Pods of those Jobs.
    var pods: [Pod]
    /// What the workers of those pods said last, by the pod's UID.
    var progress: [String: StepProgress] = [:]
    /// The version that the run's pipeline has promoted.
    var incumbent: ModelStatus?
    /// A sentence about an object of a name that is needed and that belongs to somebody else.
    var conflict: String?
    var options: OperatorOptions
}
