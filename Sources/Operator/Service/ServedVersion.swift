// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

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
        let wanted = spec.model.version ?? ServedModelSpec.latest
        guard wanted == ServedModelSpec.latest else {
            self.init(wanted, of: pipeline)
            return
        }
        guard let promoted = pipeline.status?.model else { return nil }
        self.init(promoted, of: pipeline)
    }

    /// A version by its name: where the pipeline knows it, as it was laid down, else in the pipeline's present store.
    init(_ version: String, of pipeline: ForecastPipeline) {
        let status = pipeline.status
        let known = [status?.model, status?.previousModel].compactMap(\.self) + (status?.versions ?? [])
        if let model = known.first(where: { $0.version == version }) {
            self.init(model, of: pipeline)
            return
        }
        let store = pipeline.spec.store
        let path = Naming.artifact(
            namespace: pipeline.metadata.namespace ?? "default",
            pipeline: pipeline.metadata.name,
            version: version
        )
        self.init(
            version: version,
            uri: (store?.s3?.uriPrefix ?? "") + path,
            claimName: Naming.storeClaim(pipeline: pipeline.metadata.name, store: store),
            s3: store?.s3
        )
    }

    private init(_ model: ModelStatus, of pipeline: ForecastPipeline) {
        let claim = Naming.storeClaim(pipeline: pipeline.metadata.name, store: pipeline.spec.store)
        self.init(
            version: model.version,
            uri: model.uri,
            claimName: model.s3 == nil ? model.claimName ?? claim : nil,
            s3: model.s3
        )
    }

    private init(version: String, uri: String, claimName: String?, s3: S3StoreSpec?) {
        self.version = version
        self.uri = uri
        self.claimName = claimName
        self.s3 = s3
    }

    /// Whether a pod that has the one's store has the other's.
    func sharesStore(with other: Self) -> Bool { claimName == other.claimName && s3 == other.s3 }

    /// The version as pods are told of it.
    var configured: ServingConfiguration.Version { ServingConfiguration.Version(version: version, uri: uri) }
}
