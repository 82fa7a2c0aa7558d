// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

/// All that a decision about a service is made from.
struct ObservedService: Sendable {
    var service: ForecastService
    /// The pipeline that the service names.
    var pipeline: ForecastPipeline?
    /// The Deployment of the service's name, where it is Almanac's.
    var deployment: Deployment?
    /// The Service of the service's name, where it is Almanac's.
    var network: Service?
    /// The ConfigMap of what is served, where it is Almanac's.
    var configuration: ConfigMap?
    /// The autoscaler of the service's name, where it is Almanac's.
    var autoscaler: HorizontalPodAutoscaler<V2>?
    /// The disruption budget of the service's name, where it is Almanac's.
    var budget: PodDisruptionBudget<V1>?
    /// Pods of the service.
    var pods: [Pod]
    /// What the pods said when they were asked, by their name; none of a pod that was not asked yet.
    var answers: [String: PodAnswer] = [:]
    /// Jobs that compare the service's forecasts.
    var monitorJobs: [Job] = []
    /// Pods of those Jobs.
    var monitorPods: [Pod] = []
    /// A sentence about an object of a name that is needed and that belongs to somebody else.
    var conflict: String?
    var options: OperatorOptions
}
