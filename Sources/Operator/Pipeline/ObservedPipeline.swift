// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

/// All that a decision about a pipeline is made from.
struct ObservedPipeline: Sendable {
    var pipeline: ForecastPipeline
    /// Runs that the pipeline made; clones, which never change what it promotes or starts, are not among them.
    var runs: [ForecastRun]
    /// Runs of the pipeline that persons made from others.
    var clones: [ForecastRun] = []
    /// The run by the name that this generation would start, whoever made it.
    var runOfGeneration: ForecastRun?
    /// The claim of the pipeline's own store.
    var claim: PersistentVolumeClaim?
    /// The service by the name in the specification, whoever made it.
    var service: ForecastService?
    /// Services that the pipeline controls, whatever their name.
    var ownServices: [ForecastService]
    /// Services that serve the pipeline's versions, whoever made them.
    var servingServices: [ForecastService] = []
    /// A sentence about an object of a name that is needed and that belongs to somebody else.
    var conflict: String?
    var options: OperatorOptions
}
