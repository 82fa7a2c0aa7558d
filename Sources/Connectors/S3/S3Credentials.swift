// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// Keys that sign requests. Its description shows no secret.
package struct S3Credentials: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The public half, which servers may name.
    package let accessKeyID: String
    let secretAccessKey: String
    let sessionToken: String?
    /// When the keys stop working; nil for never.
    let expiration: Date?

    /// Keys; empty texts are none.
    /// - Throws: `ConnectorError.badSpecification` with the field that is empty or cannot stand in a request.
    package init(
        accessKeyID: String,
        secretAccessKey: String,
        sessionToken: String? = nil,
        expiration: Date? = nil
    ) throws(ConnectorError) {
        for (field, text) in [("accessKeyID", accessKeyID), ("secretAccessKey", secretAccessKey)] where text.isEmpty {
            throw .badSpecification(field: field, problem: "it is empty")
        }
        for (field, text) in [("accessKeyID", accessKeyID), ("sessionToken", sessionToken ?? "")] {
            guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw .badSpecification(field: field, problem: "it holds a space or another odd character")
            }
        }
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken.flatMap { $0.isEmpty ? nil : $0 }
        self.expiration = expiration
    }

    package var description: String { "access key \(accessKeyID)" }
    package var debugDescription: String { description }
}

/// Where the keys of requests come from.
package enum S3CredentialSource: Sendable {
    /// No keys: requests are not signed, for public buckets.
    case anonymous
    /// Keys that stay.
    case fixed(S3Credentials)
    /// Keys that a token of the pod's own identity is changed for, again and again.
    case webIdentity(WebIdentity)
}
