// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

/// What the Deployment and the pods of a service say about the version that is wanted.
struct ServingState {
    /// How many pods should serve.
    let wanted: Int
    /// How many pods there are, and how many of them answer.
    let replicas: Int
    let ready: Int
    /// How many pods answer with the wanted version.
    let readyWithVersion: Int
    /// Whether nothing but pods of the wanted version is left, and all of them answer.
    let isSettled: Bool
    /// The version that every pod which answers serves; nil where they differ or there is none.
    let commonVersion: String?
    /// Why pods do not answer, as far as one can tell.
    let failure: StepFailure?

    init(_ observed: ObservedService, version: String?, isUpToDate: Bool) {
        let status = observed.deployment?.status
        wanted = observed.service.spec.replicas ?? 1
        replicas = Int(status?.replicas ?? 0)
        ready = Int(status?.readyReplicas ?? 0)
        let pods = observed.pods.filter { $0.metadata.deletionTimestamp == nil }
        func serves(_ pod: Pod, _ version: String?) -> Bool {
            version != nil && pod.metadata.labels?[Naming.modelVersionLabel] == version
        }
        let answering = pods.filter(\.isReady)
        readyWithVersion = answering.count { serves($0, version) }
        let versions = Set(answering.compactMap { $0.metadata.labels?[Naming.modelVersionLabel] })
        commonVersion = versions.count == 1 ? versions.first : nil
        let isSeen = (status?.observedGeneration ?? 0) >= (observed.deployment?.metadata.generation ?? 0)
        isSettled =
            isUpToDate && isSeen && replicas == wanted && Int(status?.updatedReplicas ?? 0) == wanted
            && Int(status?.availableReplicas ?? 0) == wanted && readyWithVersion == wanted
        // Pods of the wanted version come first: those of the old one are on their way out.
        let current = pods.filter { serves($0, version) }
        failure = PodFailure.ofServing(current) ?? PodFailure.ofServing(pods)
    }
}

extension Pod {
    /// Whether the pod gets requests.
    var isReady: Bool { status?.conditions?.contains { $0.type == "Ready" && $0.status == "True" } ?? false }
}
