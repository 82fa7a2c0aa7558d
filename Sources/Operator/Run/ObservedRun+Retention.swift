// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

extension ObservedRun {
    /// More names than this would not fit beside the rest of a request.
    private static let mostNames = 1_000

    /// What must stay in the store when a step of this run cleans up; nil where that is not known.
    ///
    /// It is said when the step's Job is made and obeyed when that ends. In between the pipeline can only be told to serve a
    /// version that is among those kept: the worker counts from the versions that there were before this run.
    var retention: RetentionRequest? {
        guard let pipeline, family.count <= Self.mostNames else { return nil }
        let known = [pipeline.status?.model, pipeline.status?.previousModel] + (pipeline.status?.versions ?? [])
        let promoted = known.compactMap(\.?.version)
        let served = services.flatMap(\.versions)
        // A run that goes on may have published what its status does not say yet.
        let made = family.compactMap {
            $0.status?.isFinished == true ? $0.status?.model?.version : RunIdentity($0).version
        }
        return RetentionRequest(
            keepVersions: pipeline.spec.history?.keepVersions ?? HistorySpec.defaultKeepVersions,
            versions: promoted + served.filter { $0 != ServedModelSpec.latest } + made,
            runs: family.map(\.metadata.name),
            services: monitoredServices.count <= Self.mostNames ? monitoredServices : nil
        )
    }
}

extension ForecastService {
    /// Each version that the service names, serves, or may go back to. A canary may be held for as long as it takes, and a
    /// refused one leaves a stable version that the pipeline may have forgotten.
    fileprivate var versions: [String] {
        let named = [spec.model.version, status?.stable, status?.updating]
        let trials = [status?.canary?.version, status?.canary?.stable, status?.lastCanary?.stable]
        return (named + trials).compactMap(\.self) + (spec.model.otherVersions ?? [])
    }
}
