// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import HTTPTransport
internal import Synchronization

/// How a pod changes the token of its own identity for keys: STS's AssumeRoleWithWebIdentity, as AWS and MinIO have it.
package struct WebIdentity: Sendable, Equatable {
    /// The role to take on.
    package var role: String
    /// The file with the token, which is renewed from outside.
    package var tokenFile: String
    /// What the session is called in logs of the server.
    package var session: String
    /// The URL of STS; nil for that of AWS in the bucket's region.
    package var endpoint: String?

    /// A role and a token.
    package init(role: String, tokenFile: String, session: String = "almanac", endpoint: String? = nil) {
        self.role = role
        self.tokenFile = tokenFile
        self.session = session
        self.endpoint = endpoint
    }

    /// What the environment says, in the variables that AWS's own programs read; nil where it names no role and token.
    package init?(environment: [String: String]) {
        guard let role = environment["AWS_ROLE_ARN"], let file = environment["AWS_WEB_IDENTITY_TOKEN_FILE"],
            !role.isEmpty, !file.isEmpty
        else { return nil }
        self.init(
            role: role,
            tokenFile: file,
            session: environment["AWS_ROLE_SESSION_NAME"] ?? "almanac",
            endpoint: environment["AWS_ENDPOINT_URL_STS"]
        )
    }

    /// Changes the token for keys.
    func credentials(_ transport: any HTTPTransport, region: String) async throws(ConnectorError) -> S3Credentials {
        guard let data = FileManager.default.contents(atPath: tokenFile) else {
            throw .badSpecification(field: "AWS_WEB_IDENTITY_TOKEN_FILE", problem: "\(tokenFile) cannot be read")
        }
        let token = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined()
        let url = endpoint ?? "https://sts.\(region).amazonaws.com/"
        let form = [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
            ("RoleSessionName", session), ("WebIdentityToken", token),
        ]
        let body = form.map { "\($0.0)=\(S3Encoding.query($0.1))" }.joined(separator: "&")
        let request = HTTPRequest(
            method: "POST",
            url: url,
            headers: [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")],
            body: Data(body.utf8),
            mayRepeat: true
        )
        let shown = "AssumeRoleWithWebIdentity for \(role) at \(RedactedURL(url))"
        let response: HTTPResponse
        do {
            response = try await transport.send(request)
        } catch {
            throw S3Problem.noAnswer(error, shown)
        }
        return try read(response, shown)
    }

    private func read(_ response: HTTPResponse, _ shown: String) throws(ConnectorError) -> S3Credentials {
        let document: XMLElement
        do {
            document = try XMLScanner.parse(Array(response.body))
        } catch {
            guard response.status < 500 else {
                let reason = "the server answered with status \(response.status)"
                throw .s3(S3Problem(kind: .unreachable, request: shown, reason: reason))
            }
            throw S3Problem.unreadable("is not XML (\(error.reason))", shown)
        }
        if response.status != 200 {
            let error = document.children.first { $0.name == "Error" } ?? document
            let code = BadData.excerpt(of: (error["Code"] ?? "").utf8)
            let reason =
                "the server answered with status \(response.status) (\(code)); check that the role "
                + "trusts the pod's service account"
            throw .s3(
                S3Problem(
                    kind: response.status >= 500 ? .unreachable : .credentialsRejected,
                    request: shown,
                    reason: reason
                )
            )
        }
        let result = document.children.first { $0.name == "AssumeRoleWithWebIdentityResult" }
        guard let keys = result?.children.first(where: { $0.name == "Credentials" }),
            let id = keys["AccessKeyId"], let secret = keys["SecretAccessKey"], let token = keys["SessionToken"]
        else { throw S3Problem.unreadable("holds no credentials", shown) }
        let end = keys["Expiration"].flatMap(S3Client.seconds).map { Date(timeIntervalSince1970: Double($0)) }
        return try S3Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token, expiration: end)
    }
}

/// The keys in use: changed for new ones before they stop working.
final class S3KeyRing: Sendable {
    /// Keys are not used for longer than until so many seconds before their end.
    private static let margin = 300.0

    private let source: S3CredentialSource
    private let current = Mutex<S3Credentials?>(nil)

    init(_ source: S3CredentialSource) { self.source = source }

    /// The keys for a request; nil for none.
    func credentials(
        _ transport: any HTTPTransport,
        region: String,
        now: Date
    ) async throws(ConnectorError) -> S3Credentials? {
        switch source {
        case .anonymous: return nil
        case .fixed(let credentials): return credentials
        case .webIdentity(let identity):
            if let held = current.withLock({ $0 }), (held.expiration ?? .distantFuture) > now + Self.margin {
                return held
            }
            // Several requests may ask at once; each answer is good.
            let fresh = try await identity.credentials(transport, region: region)
            current.withLock { $0 = fresh }
            return fresh
        }
    }
}
