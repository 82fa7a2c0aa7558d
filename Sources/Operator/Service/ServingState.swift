// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// What the Deployment, the pods and their reports say about what is to be served.
struct ServingState {
    /// How many pods should serve.
    let wanted: Int
    /// How many pods there are, and how many of them take requests.
    let replicas: Int
    let ready: Int
    /// How many pods answer with the stable version of the configuration.
    let serving: Int
    /// How many pods have taken up the configuration as it is, with all its versions.
    let takenUp: Int
    /// Whether all pods that take requests have taken it up, and there are enough of them.
    let isTakenUp: Bool
    /// Whether nothing is left but pods of the present form, each of which answers with the stable version.
    let isSettled: Bool
    /// The version that every pod which takes requests answers with; nil where they differ or there is none.
    let commonVersion: String?
    /// Whether a pod that takes requests was not asked yet, so that what it serves is not known.
    let isUnknown: Bool
    /// Why pods do not answer as they should, as far as one can tell.
    let failure: StepFailure?
    /// What is wrong with letting clients in, whatever the pods answer with.
    let access: ServingReport.AccessProblem?
    /// Why a pod does not remember what it forecasts.
    let memory: StepFailure?

    init(_ observed: ObservedService, _ wantedConfiguration: ServingConfiguration?, isUpToDate: Bool, now: Date) {
        let status = observed.deployment?.status
        let pods = observed.pods.filter { $0.metadata.deletionTimestamp == nil }
        let views = pods.map { PodView($0, observed.answers[$0.metadata.name], wantedConfiguration, now: now) }
        let answering = views.filter(\.takesRequests)
        wanted = observed.wantedPods
        replicas = Int(status?.replicas ?? 0)
        ready = Int(status?.readyReplicas ?? 0)
        serving = answering.count(where: \.servesStable)
        takenUp = answering.count(where: \.hasTakenUp)
        isUnknown = answering.contains(where: \.isUnknown)
        let versions = Set(answering.map(\.version))
        commonVersion = versions.count == 1 ? versions.first ?? nil : nil
        // An autoscaler may ask for more at any time; the pods that there are go on answering meanwhile.
        let isScaled = observed.service.spec.autoscaling != nil
        let needed = isScaled ? min(observed.service.spec.autoscaling?.minReplicas ?? 1, wanted) : wanted
        isTakenUp = takenUp == answering.count && takenUp >= max(1, needed)
        let isSeen = (status?.observedGeneration ?? 0) >= (observed.deployment?.metadata.generation ?? 0)
        // During a canary the share of the new version moves, while all pods go on answering with the stable one.
        let settled = wantedConfiguration?.canary == nil ? takenUp : serving
        isSettled =
            isUpToDate && isSeen && (isScaled || replicas == wanted)
            && Int(status?.updatedReplicas ?? 0) == replicas && Int(status?.availableReplicas ?? 0) >= needed
            && settled == answering.count && settled >= needed
        failure =
            PodFailure.ofServing(pods) ?? views.lazy.compactMap(\.failure).first
            ?? answering.lazy.compactMap(\.silence).first
        let problems = views.flatMap(\.access)
        access = problems.first(where: \.keepsClientsOut) ?? problems.first
        memory = views.lazy.compactMap(\.memory).first
    }
}

/// What is known of one pod.
struct PodView {
    /// Whether requests get to it.
    let takesRequests: Bool
    /// Whether it answers with the stable version of the configuration.
    let servesStable: Bool
    /// Whether it has taken up the configuration as it is.
    let hasTakenUp: Bool
    /// The version that it answers with; nil where that is not known.
    let version: String?
    /// Whether it takes requests and was not asked yet.
    let isUnknown: Bool
    /// What it says is wrong.
    let failure: StepFailure?
    /// That it says nothing, where it should.
    let silence: StepFailure?
    /// What it says is wrong with letting clients in.
    let access: [ServingReport.AccessProblem]
    /// Why it does not remember what it forecasts.
    let memory: StepFailure?

    init(_ pod: Pod, _ answer: PodAnswer?, _ wanted: ServingConfiguration?, now: Date) {
        let name = pod.metadata.name
        takesRequests = pod.isReady
        let report = answer?.trusted(now: now)
        // A report tells of the versions that the pod is to have, and with the revision what it answers with.
        let stable = report?.versions.first { $0.role == .stable }
        let isStable = stable?.state == .ready && stable?.version == wanted?.stable.version
        servesStable = report?.isReady == true && isStable
        hasTakenUp =
            servesStable && report?.revision == wanted?.revision && report?.problem == nil
            && report?.versions.allSatisfy { $0.state == .ready } == true
        // During a canary the stable version stays what it was. A pod of the former form holds the one of its label.
        let isKnown = hasTakenUp || (servesStable && wanted?.canary != nil)
        version = isKnown ? wanted?.stable.version : pod.metadata.labels?[Naming.modelVersionLabel]
        let silent = answer?.silence(now: now)
        isUnknown = takesRequests && pod.isAskable && report == nil && silent == nil
        let words = wanted.flatMap { report?.failure(under: $0) }
        failure = words.map { StepFailure(reason: $0.reason, message: "pod \(name): \($0.message)") }
        access = (report?.access ?? []).map {
            .init($0.reason, "pod \(name): \($0.message)", keepsClientsOut: $0.keepsClientsOut)
        }
        memory = report?.memory.map { StepFailure(reason: $0.reason, message: "pod \(name): \($0.message)") }
        silence = silent.map {
            let advice = "the operator must be able to reach port \(ServingReport.port) of the service's pods"
            let message = "pod \(name) does not say what it serves: \($0); \(advice)"
            return StepFailure(reason: .podNotReporting, message: message)
        }
    }
}

extension ServingReport {
    /// Whether the pod is at that configuration, or on its way there: a share alone is taken up as soon as it is read.
    func hasRead(_ configuration: ServingConfiguration) -> Bool {
        versions.map(\.version) == configuration.versions.map(\.version)
            && versions.first { $0.role == .canary }?.version == configuration.canary?.version.version
    }

    /// What is wrong, but for what is wrong with a configuration that is not wanted any more.
    fileprivate func failure(under configuration: ServingConfiguration) -> StepFailure? {
        let ofVersion = versions.lazy.compactMap(\.failure).first
        return hasRead(configuration) || ofVersion == nil ? problem ?? ofVersion : nil
    }
}

extension Pod {
    /// Whether the pod gets requests.
    var isReady: Bool { status?.conditions?.contains { $0.type == "Ready" && $0.status == "True" } ?? false }
}

extension ObservedService {
    /// How many pods there should be.
    var wantedPods: Int {
        guard service.spec.autoscaling != nil else { return service.spec.replicas ?? 1 }
        return Int(deployment?.spec?.replicas ?? 1)
    }
}
