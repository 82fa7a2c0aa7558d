// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
package import ForecastAPI
package import Forecasting
import Foundation
package import HTTPTransport

/// Where a store is: a folder, or a bucket.
package struct StorePlace: Sendable {
    /// The folder; not looked at where there is a bucket.
    let folder: String
    /// The bucket.
    let s3: S3StoreSpec?
    let secrets: Secrets
    let transport: any HTTPTransport

    /// The store that a request names.
    package init(_ request: StepRequest, transport: any HTTPTransport) {
        self.init(
            folder: request.storePath,
            s3: request.spec.store?.s3,
            secrets: Secrets(request),
            transport: transport
        )
    }

    /// A store in a bucket, or else in a folder.
    package init(folder: String, s3: S3StoreSpec?, secrets: Secrets, transport: any HTTPTransport) {
        self.folder = folder
        self.s3 = s3
        self.secrets = secrets
        self.transport = transport
    }

    /// Opens the store for the time of `body`. Its calls block, so they are made by `LongWork.finish`.
    package func withStore<Value: Sendable>(_ body: (ArtifactStore) async throws -> Value) async throws -> Value {
        guard let s3 else { return try await body(ArtifactStore(root: folder)) }
        let access = S3Access(s3, field: "spec.store.s3")
        let client = try access.client(bucket: s3.bucket, secrets: secrets, transport: transport)
        return try await S3ArtifactStorage.withStorage(of: client, prefix: s3.prefix) { storage in
            try await body(ArtifactStore(storage))
        }
    }
}
