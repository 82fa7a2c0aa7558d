// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI

/// What the pods of a service are told to answer with, as it follows from the specification, the pipeline, and how far
/// the status says that a canary is.
///
/// A canary moves in two writes: first the status, then the ConfigMap that follows from it. So a process that ends
/// between them leaves nothing that the next one would read otherwise.
struct ServingGoal: Equatable, Sendable {
    /// A version on trial.
    struct Canary: Equatable, Sendable {
        var version: ServedVersion
        var trafficPercent: Double
    }

    /// What stands between the wanted version and all requests.
    enum Stage: Equatable, Sendable {
        /// Nothing: the wanted version is the stable one.
        case direct
        /// A trial that the status does not know of yet.
        case begins(stable: String)
        /// A trial that the status knows.
        case progresses(CanaryStatus)
        /// The wanted version failed its trial, or a person ended it.
        case refused(CanaryResultStatus)
    }

    /// What answers requests that name no version.
    var stable: ServedVersion
    /// What answers a share of them.
    var canary: Canary?
    /// What answers those that name it.
    var others: [ServedVersion]
    /// The version that the specification asks for.
    var wanted: ServedVersion
    /// How far the wanted version is.
    var stage: Stage

    /// The goal of a service whose pipeline has the wanted version.
    ///
    /// - Parameter present: What the pods were told last; nil before the first time.
    init(
        _ wanted: ServedVersion,
        service: ForecastService,
        pipeline: ForecastPipeline,
        present: ServingConfiguration?,
        digest: String
    ) {
        self.wanted = wanted
        stage = Self.stage(wanted, service, pipeline, present, digest)
        canary = nil
        switch stage {
        case .direct: stable = wanted
        case .begins(let version): stable = ServedVersion(version, of: pipeline)
        case .refused(let result): stable = ServedVersion(result.stable, of: pipeline)
        case .progresses(let status):
            stable = ServedVersion(status.stable, of: pipeline)
            canary = Canary(version: wanted, trafficPercent: status.trafficPercent)
        }
        let taken = Set([stable.version, canary?.version.version].compactMap(\.self))
        others = (service.spec.model.otherVersions ?? []).filter { !taken.contains($0) }
            .map { ServedVersion($0, of: pipeline) }
    }

    private static func stage(
        _ wanted: ServedVersion,
        _ service: ForecastService,
        _ pipeline: ForecastPipeline,
        _ present: ServingConfiguration?,
        _ digest: String
    ) -> Stage {
        guard service.spec.canary != nil else { return .direct }
        let (current, last) = (service.status?.canary, service.status?.lastCanary)
        if let current, current.version == wanted.version, isTrial(current.stable, wanted, pipeline) {
            return .progresses(current)
        }
        if let last, last.version == wanted.version {
            if last.result == .promoted { return .direct }
            if last.refuses, last.observedCanary == digest, isTrial(last.stable, wanted, pipeline) {
                return .refused(last)
            }
        }
        guard let stable = current?.stable ?? present?.stable.version, isTrial(stable, wanted, pipeline) else {
            return .direct
        }
        return .begins(stable: stable)
    }

    /// Two versions that are not the same, in one store: a pod has the one that it was started with.
    private static func isTrial(_ stable: String, _ wanted: ServedVersion, _ pipeline: ForecastPipeline) -> Bool {
        stable != wanted.version && ServedVersion(stable, of: pipeline).sharesStore(with: wanted)
    }

    /// The digest of what a new trial of a version depends on.
    static func digest(_ spec: ForecastServiceSpec) throws -> String {
        struct Parts: Encodable {
            var model: ServedModelSpec
            var canary: CanarySpec?
        }
        return try StableDigest.hex(of: Parts(model: spec.model, canary: spec.canary))
    }
}
