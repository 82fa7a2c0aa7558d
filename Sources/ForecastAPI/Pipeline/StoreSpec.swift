// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Where models, data sets and files of runs are kept: one block at most. Without any, the operator makes a claim that
/// goes with the pipeline.
package struct StoreSpec: Codable, Sendable, Equatable {
    /// A claim of the user's; what is stored there outlives the pipeline.
    package var persistentVolumeClaim: ClaimReference?
    /// A bucket; what is stored there outlives the pipeline.
    package var s3: S3StoreSpec?

    /// Makes a store.
    package init(persistentVolumeClaim: ClaimReference? = nil, s3: S3StoreSpec? = nil) {
        self.persistentVolumeClaim = persistentVolumeClaim
        self.s3 = s3
    }

    func withDefaults() -> Self {
        var filled = self
        filled.s3?.region = s3?.region ?? S3ServerSpec.defaultRegion
        filled.s3?.addressing = s3?.addressing ?? .path
        return filled
    }
}

/// Names a PersistentVolumeClaim in the object's own namespace.
package struct ClaimReference: Codable, Sendable, Equatable {
    /// The claim's name.
    package var claimName: String

    /// Makes a reference.
    package init(claimName: String) {
        self.claimName = claimName
    }
}

/// How requests name a bucket.
package enum S3Addressing: String, Codable, Sendable, CaseIterable {
    /// In the path: `https://server/bucket/key`.
    case path = "Path"
    /// In the host's name: `https://bucket.server/key`.
    case host = "Host"
}

/// A bucket, or the part of one below a prefix.
package struct S3StoreSpec: Codable, Sendable, Equatable {
    /// The URL of the server, without a path; by default that of AWS in the region.
    package var endpoint: String?
    /// The bucket; it has to be there.
    package var bucket: String
    /// What keys begin with; by default nothing.
    package var prefix: String?
    /// The region of the bucket. Default `us-east-1`.
    package var region: String?
    /// How requests name the bucket. Default `Path`.
    package var addressing: S3Addressing?
    /// `accessKeyID` and `secretAccessKey`; `sessionToken` where they are for a time only; `ca.crt` where the server's
    /// certificate is not of a public authority. Without it, the pod's own identity.
    package var secretRef: SecretReference?

    /// Makes a store in a bucket.
    package init(endpoint: String? = nil, bucket: String, prefix: String? = nil, secretRef: SecretReference? = nil) {
        self.endpoint = endpoint
        self.bucket = bucket
        self.prefix = prefix
        self.secretRef = secretRef
    }

    /// What comes before the path of a version in a status: `s3://<bucket>/<prefix>/`.
    package var uriPrefix: String {
        (["s3:/", bucket] + (prefix ?? "").split(separator: "/").map(String.init)).joined(separator: "/") + "/"
    }
}

/// The server of objects that a source names by `s3://<bucket>/<key>`.
package struct S3ServerSpec: Codable, Sendable, Equatable {
    /// The URL of the server, without a path; by default that of AWS in the region.
    package var endpoint: String?
    /// The region of the bucket. Default `us-east-1`.
    package var region: String?
    /// How requests name the bucket. Default `Path`.
    package var addressing: S3Addressing?
    /// As that of a store; without it, the pod's own identity, and where it has none, requests are not signed.
    package var secretRef: SecretReference?

    /// The region where none is named.
    package static let defaultRegion = "us-east-1"

    /// Makes a server.
    package init(endpoint: String? = nil, secretRef: SecretReference? = nil) {
        self.endpoint = endpoint
        self.secretRef = secretRef
    }

    func withDefaults() -> Self {
        var filled = self
        filled.region = region ?? Self.defaultRegion
        filled.addressing = addressing ?? .path
        return filled
    }
}

// MARK: Validation

extension StoreSpec {
    func check(_ check: inout SpecCheck) {
        guard let s3 else { return }
        if persistentVolumeClaim != nil { check.add("spec.store", "must hold one of s3 and persistentVolumeClaim") }
        if s3.bucket.isEmpty || s3.bucket.contains("/") {
            check.add("spec.store.s3.bucket", "'\(s3.bucket)' must be the name of a bucket; folders go into prefix")
        }
        if (s3.prefix ?? "").split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) {
            check.add("spec.store.s3.prefix", "must not hold '.' or '..'")
        }
        check.endpoint("spec.store.s3.endpoint", s3.endpoint)
        check.secret("spec.store.s3.secretRef.name", s3.secretRef)
    }
}

extension S3ServerSpec {
    func check(_ check: inout SpecCheck, field: String) {
        check.endpoint("\(field).endpoint", endpoint)
        check.secret("\(field).secretRef.name", secretRef)
    }
}

extension SpecCheck {
    fileprivate mutating func endpoint(_ field: String, _ value: String?) {
        guard let value, !value.hasPrefix("http://"), !value.hasPrefix("https://") else { return }
        add(field, "'\(value)' must start with http:// or https://")
    }
}
