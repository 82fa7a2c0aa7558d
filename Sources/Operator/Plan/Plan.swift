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
    /// Applies the Deployment of a service.
    case applyDeployment(Deployment)
    /// Applies the Service in front of a service's pods.
    case applyNetwork(Service)
    /// Makes a run that somebody wrote a child of its pipeline, so that it goes with it and is listed with the others.
    case adoptRun(ForecastRun, by: ForecastPipeline)
    /// Deletes a Job of ours and its pods.
    case deleteJob(ObjectKey, uid: String?)
    /// Deletes a run of ours, and by ownership all that belongs to it.
    case deleteRun(ObjectKey, uid: String?)
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
