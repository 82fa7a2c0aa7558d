// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import HTTPTransport

/// Why an S3 server did not do what it was asked.
///
/// It names endpoint, bucket and key, never a secret.
package struct S3Problem: Sendable, Equatable, CustomStringConvertible {
    /// What kind of trouble it is.
    package enum Kind: Sendable, Equatable {
        /// No answer, half of one, or "later".
        case unreachable
        /// There is no such bucket.
        case bucketNotFound
        /// There is no such object.
        case notFound
        /// The keys are unknown, expired, or do not fit each other.
        case credentialsRejected
        /// The keys are known and may not do this.
        case accessDenied
        /// The server has no such function.
        case unsupported
        /// The request itself cannot be granted: another region, a wrong clock, something that is no S3 server.
        case refused
    }

    /// What kind of trouble it is.
    package let kind: Kind
    /// What was asked, of what: `GET s3://models/a at https://…`.
    package let request: String
    /// What is wrong and what to do about it.
    package let reason: String

    package var description: String { "\(request): \(reason)" }

    /// No answer came.
    static func noAnswer(_ error: any Error, _ request: String) -> ConnectorError {
        if error is CancellationError { return .cancelled }
        func unreachable(_ reason: String) -> ConnectorError {
            .s3(S3Problem(kind: .unreachable, request: request, reason: reason))
        }
        switch error as? HTTPTransportError {
        case .cannotConnect(_, let reason): return unreachable("no connection: \(reason)")
        case .tls(_, let reason):
            return unreachable("no trusted connection: \(reason); a certificate authority of your own goes into ca.crt")
        case .timedOut(_, let after): return unreachable("nothing came \(after.map { "for \($0)" } ?? "in time")")
        case .connectionLost(_, let reason): return unreachable("the connection broke: \(reason)")
        case .shutDown: return .cancelled
        case .invalidCredentials(let reason): return .badSpecification(field: "ca.crt", problem: reason)
        case .invalidURL, .invalidRequest, .responseTooLarge:
            let reason = "the request cannot be sent, or its answer is too large"
            return .s3(S3Problem(kind: .refused, request: request, reason: reason))
        case nil: return unreachable("the connection failed")
        }
    }

    /// An answer is not as S3 servers answer.
    static func unreadable(_ what: String, _ request: String) -> ConnectorError {
        let reason = "the answer \(what); is the endpoint that of an S3 server, and not of a proxy or a console?"
        return .s3(S3Problem(kind: .refused, request: request, reason: reason))
    }

    /// An answer has fewer bytes than it should; another one may have all of them.
    static func halfAnswer(_ received: Int, of wanted: String, _ request: String) -> ConnectorError {
        .s3(S3Problem(kind: .unreachable, request: request, reason: "half an answer: \(received) of \(wanted) bytes"))
    }

    /// What an answer means that has an error's status.
    init(_ response: HTTPResponse, bucket: S3Bucket, request: String, now: Date) {
        let body = Array(response.body.prefix(64 * 1024))
        let document = try? XMLScanner.parse(body)
        let error = document?.name == "Error" ? document : document?.children.first { $0.name == "Error" }
        let code = error?["Code"] ?? ""
        let status = response.status
        self.request = request
        if status == 501 {
            kind = .unsupported
            reason = "the server cannot do this (status 501)"
            return
        }
        if status >= 500 || status == 429 || Self.passing.contains(code) {
            kind = .unreachable
            reason = "the server answered with status \(status)" + (code.isEmpty ? "" : " (\(code))")
            return
        }
        let region = error?["Region"] ?? response.headers.first(named: "x-amz-bucket-region")
        if [301, 307, 308].contains(status) || code == "AuthorizationHeaderMalformed" && region != nil
            || code == "IllegalLocationConstraintException"
        {
            kind = .refused
            let right = region.map { "'\(BadData.excerpt(of: $0.utf8))'" } ?? "another one, or at another endpoint"
            reason = "the bucket is not in region '\(bucket.region)' but in \(right); set region and endpoint so"
            return
        }
        if let known = Self.known(code, status: status, response, now: now) {
            (kind, reason) = known
        } else if let error, let message = error["Message"], !code.isEmpty {
            kind = .refused
            let words = BadData.excerpt(of: message.utf8)
            reason = "the server refused it with status \(status), \(BadData.excerpt(of: code.utf8)): \(words)"
        } else {
            kind = Self.bare(status)
            reason = "the server answered with status \(status) and no S3 error; check the endpoint and its credentials"
        }
    }

    init(kind: Kind, request: String, reason: String) {
        self.kind = kind
        self.request = request
        self.reason = reason
    }

    /// Codes of what another attempt may heal.
    private static let passing: Set = [
        "SlowDown", "RequestTimeout", "InternalError", "ConditionalRequestConflict", "OperationAborted",
    ]

    private static func bare(_ status: Int) -> Kind {
        switch status {
        case 401: .credentialsRejected
        case 403: .accessDenied
        case 404, 410: .notFound
        default: .refused
        }
    }

    private static func known(
        _ code: String,
        status: Int,
        _ response: HTTPResponse,
        now: Date
    ) -> (Kind, String)? {
        switch code {
        case "NoSuchBucket":
            (.bucketNotFound, "there is no such bucket (NoSuchBucket); create it, or correct bucket or endpoint")
        case "NoSuchKey": (.notFound, "there is no such object (NoSuchKey)")
        case "SignatureDoesNotMatch":
            (.credentialsRejected, "the secret is not the access key's (SignatureDoesNotMatch); check secretAccessKey")
        case "InvalidAccessKeyId":
            (.credentialsRejected, "the access key is not known (InvalidAccessKeyId); check accessKeyID and endpoint")
        case "ExpiredToken", "TokenRefreshRequired":
            (.credentialsRejected, "the credentials have expired (\(code)); put fresh ones into the Secret")
        case "InvalidToken", "InvalidIdentityToken", "ExpiredTokenException":
            (.credentialsRejected, "the session token is not accepted (\(code)); check sessionToken")
        case "AccessDenied", "AllAccessDisabled", "AccountProblem":
            (.accessDenied, "the credentials may not do this (\(code)); grant it to them, or use others")
        case "PreconditionFailed":
            (.refused, "the object was replaced while it was read (PreconditionFailed); the next run reads the new one")
        case "RequestTimeTooSkewed": (.refused, skew(response, now))
        default: nil
        }
    }

    private static func skew(_ response: HTTPResponse, _ now: Date) -> String {
        let theirs = response.headers.first(named: "Date").map { "'\(BadData.excerpt(of: $0.utf8))'" } ?? "another time"
        let ours = SigV4Signer.stamp(now)
        return "the clocks differ too much (RequestTimeTooSkewed): the server's says \(theirs), ours \(ours); "
            + "set the wrong one"
    }
}
