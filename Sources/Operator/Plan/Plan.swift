// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

/// What a look at one object leads to: writes in order and what is told about them, or a status.
struct Plan<Status: Codable & Sendable & Equatable>: Equatable, Sendable {
    /// What is written, in order; later writes may count on earlier ones.
    var writes: [Write] = []
    /// The object's status; nil to leave it as it is.
    var status: Status?
    /// What people are told about the writes.
    var events: [EventNote] = []
    /// What people are told when the status is written.
    var statusEvents: [EventNote] = []
    /// When to look again although nothing changed.
    var requeueAfter: Duration?

    /// Looks again after so many seconds, or sooner where something else asks for that.
    mutating func lookAgain(after seconds: Double) {
        let wait = Duration.milliseconds(Int64(seconds * 1_000) + 1)
        requeueAfter = min(requeueAfter ?? wait, wait)
    }
}

/// One change of the cluster.
enum Write: Equatable, Sendable {
    /// Makes a run; one that is there already and ours counts as made.
    case createRun(ForecastRun)
    /// Makes a Job, likewise.
    case createJob(Job)
    /// Makes a claim, likewise.
    case createClaim(PersistentVolumeClaim)
    /// Applies a service of ours.
    case applyService(ForecastService)
    /// Applies what a service's pods answer with.
    case applyConfiguration(ConfigMap)
    /// Sets annotations of a pod; a pod that is gone needs none.
    case annotatePod(ObjectKey, [String: String])
    /// Applies the Deployment of a service.
    case applyDeployment(Deployment)
    /// Owns the number of a Deployment's pods as it is, apart from the rest of it, so that the number stays when the rest is
    /// applied without one; an autoscaler takes it over from there.
    case keepReplicas(ObjectKey, Int32)
    /// Applies the autoscaler of a service, in the version that the server has.
    case applyAutoscaler(HorizontalPodAutoscaler<V2>)
    /// Applies the disruption budget of a service, in the version that the server has.
    case applyBudget(PodDisruptionBudget<V1>)
    /// Applies the Service in front of a service's pods.
    case applyNetwork(Service)
    /// Makes a run that somebody wrote a child of its pipeline, so that it goes with it and is listed with the others.
    case adoptRun(ForecastRun, by: ForecastPipeline)
    /// Deletes a Job of ours and its pods.
    case deleteJob(ObjectKey, uid: String?)
    /// Deletes a run of ours, and by ownership all that belongs to it.
    case deleteRun(ObjectKey, uid: String?)
    /// Deletes an autoscaler of ours.
    case deleteAutoscaler(ObjectKey, uid: String?)
    /// Deletes a disruption budget of ours.
    case deleteBudget(ObjectKey, uid: String?)
    /// Deletes a service of ours.
    case deleteService(ObjectKey, uid: String?)
}

/// An event that is told about the object.
struct EventNote: Equatable, Sendable {
    var isWarning: Bool
    var reason: String
    var action: String
    var message: String
}
