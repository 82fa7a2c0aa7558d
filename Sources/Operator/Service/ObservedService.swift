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
    /// Pods of the service.
    var pods: [Pod]
    /// A sentence about an object of a name that is needed and that belongs to somebody else.
    var conflict: String?
    var options: OperatorOptions
}

/// A version of a model and where its artifact lies.
struct ServedVersion: Sendable, Equatable {
    /// The version.
    var version: String
    /// The artifact's folder, relative to the store.
    var uri: String
    /// The claim that the store lies on.
    var claimName: String

    /// What a service asks for; nil as long as its pipeline has no such thing.
    init?(_ spec: ForecastServiceSpec, pipeline: ForecastPipeline) {
        let promoted = pipeline.status?.model
        let store = Naming.storeClaim(pipeline: pipeline.metadata.name, store: pipeline.spec.store)
        let wanted = spec.model.version ?? ServedModelSpec.latest
        if wanted != ServedModelSpec.latest, wanted != promoted?.version {
            version = wanted
            uri = Naming.artifact(
                namespace: pipeline.metadata.namespace ?? "default",
                pipeline: pipeline.metadata.name,
                version: wanted
            )
            claimName = store
        } else if let promoted {
            version = promoted.version
            uri = promoted.uri
            claimName = promoted.claimName ?? store
        } else {
            return nil
        }
    }
}
