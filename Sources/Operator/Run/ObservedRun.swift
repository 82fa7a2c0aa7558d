// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore

/// All that a decision about a run is made from.
struct ObservedRun: Sendable {
    var run: ForecastRun
    /// Jobs that the run controls.
    var jobs: [Job]
    /// Pods of those Jobs.
    var pods: [Pod]
    /// The ConfigMap by the name of the run's requests, whoever made it.
    var requests: ConfigMap?
    var options: OperatorOptions
}
