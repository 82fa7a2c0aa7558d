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
    /// The artifact's folder, relative to the store; with the bucket before it where the store is one.
    var uri: String
    /// The claim that the store lies on; nil where it is a bucket.
    var claimName: String?
    /// The bucket that the store is; nil where it lies on a claim.
    var s3: S3StoreSpec?

    /// What a service asks for; nil as long as its pipeline has no such thing.
    init?(_ spec: ForecastServiceSpec, pipeline: ForecastPipeline) {
        let promoted = pipeline.status?.model
        let store = pipeline.spec.store
        let claim = Naming.storeClaim(pipeline: pipeline.metadata.name, store: store)
        let wanted = spec.model.version ?? ServedModelSpec.latest
        if wanted != ServedModelSpec.latest, wanted != promoted?.version {
            version = wanted
            let path = Naming.artifact(
                namespace: pipeline.metadata.namespace ?? "default",
                pipeline: pipeline.metadata.name,
                version: wanted
            )
            uri = (store?.s3?.uriPrefix ?? "") + path
            claimName = claim
            s3 = store?.s3
        } else if let promoted {
            version = promoted.version
            uri = promoted.uri
            s3 = promoted.s3
            claimName = promoted.s3 == nil ? promoted.claimName ?? claim : nil
        } else {
            return nil
        }
    }
}
