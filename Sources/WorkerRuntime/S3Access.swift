// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Connectors
package import ForecastAPI
import Foundation
package import HTTPTransport

/// How a specification says that an S3 server is reached.
package struct S3Access: Sendable {
    private let endpoint: String?
    private let region: String?
    private let addressing: S3Addressing?
    private let secret: SecretReference?
    /// The block, for messages.
    private let field: String

    /// The server of a source's or a sink's files.
    ///
    /// - Parameter field: The block, for messages.
    package init(_ server: S3ServerSpec, field: String) {
        self.init(
            endpoint: server.endpoint,
            region: server.region,
            addressing: server.addressing,
            secret: server.secretRef,
            field: field
        )
    }

    /// The server of a store.
    ///
    /// - Parameter field: The block, for messages.
    package init(_ store: S3StoreSpec, field: String) {
        self.init(
            endpoint: store.endpoint,
            region: store.region,
            addressing: store.addressing,
            secret: store.secretRef,
            field: field
        )
    }

    private init(
        endpoint: String?,
        region: String?,
        addressing: S3Addressing?,
        secret: SecretReference?,
        field: String
    ) {
        self.endpoint = endpoint
        self.region = region
        self.addressing = addressing
        self.secret = secret
        self.field = field
    }

    /// A client of a bucket. Without a Secret it has the pod's own identity; without one, its requests are not signed.
    /// - Throws: `WorkerRuntimeError`: `invalidServer`, `secretNotFound`.
    package func client(
        bucket: String,
        secrets: Secrets,
        transport: any HTTPTransport,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(WorkerRuntimeError) -> S3Client {
        let place: S3Bucket
        do {
            place = try S3Bucket(
                endpoint: endpoint,
                name: bucket,
                region: region ?? S3ServerSpec.defaultRegion,
                addressing: addressing == .host ? .host : .path
            )
        } catch {
            throw .invalidServer(field: field, problem: "\(error)")
        }
        guard let secret else {
            let identity = WebIdentity(environment: environment)
            let source = identity.map { S3CredentialSource.webIdentity($0) } ?? .anonymous
            return S3Client(bucket: place, credentials: source, transport: transport)
        }
        let authorities = try secrets.authorities(secret, field: "\(field).secretRef")
        return S3Client(
            bucket: place,
            credentials: .fixed(try credentials(secret, secrets)),
            transport: transport.trusting(authorities)
        )
    }

    private func credentials(_ secret: SecretReference, _ secrets: Secrets) throws(WorkerRuntimeError) -> S3Credentials
    {
        let field = "\(field).secretRef"
        let keys = try secrets.values(secret, keys: ["accessKeyID", "secretAccessKey"], field: field)
        let token = try secrets.optionalValue(secret, key: "sessionToken", field: field)
        do {
            return try S3Credentials(accessKeyID: keys[0], secretAccessKey: keys[1], sessionToken: token)
        } catch {
            throw .secretNotFound(field: field, problem: "Secret '\(secret.name)', key \(error)")
        }
    }
}

extension HTTPTransport {
    /// A way to servers whose certificates are of these authorities; this one where there are none.
    package func trusting(_ authorities: CurlTransport.PEM?) -> any HTTPTransport {
        guard let authorities else { return self }
        return CurlTransport(CurlTransport.Configuration(tls: CurlTransport.TLS(ca: authorities)))
    }
}
