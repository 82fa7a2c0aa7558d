// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeCore

/// Asks the API server whose a token is, and what they may do.
struct KubernetesReviews: Sendable {
    /// What the API server says of a token.
    enum Verdict: Sendable, Equatable {
        /// It is that user's, who may ask this service.
        case allowed(String)
        /// It is that user's, who may not.
        case notAllowed(String)
        /// It is nobody's, or not for this audience.
        case unknown
    }

    /// Where a pod finds the token of its ServiceAccount and the authority of the API server.
    static let credentials = "/var/run/secrets/kubernetes.io/serviceaccount"
    /// The subresource of a service that clients must be allowed to create.
    static let subresource = "predict"

    /// How long the API server may take to answer.
    private static let timeout = Duration.seconds(5)

    /// The URL of the API server.
    let server: String
    /// A folder with `token`; its content is read for each review, for the kubelet renews it.
    let folder: String
    let transport: any HTTPTransport
    /// The service that clients ask.
    let service: ObjectKey
    /// The audiences of which a token must be for one; none for that of the API server.
    var audiences: [String] = []

    /// Asks about a token: whose it is, then what they may do.
    ///
    /// - Throws: `ServingError.reviewUnavailable`, `reviewRefused`.
    func review(_ token: String) async throws(ServingError) -> Verdict {
        var wanted = TokenReview.Spec(token: token)
        if !audiences.isEmpty { wanted.audiences = audiences }
        let answer = try await create(TokenReview(spec: wanted), "authentication.k8s.io", "tokenreviews")
        guard let status = answer.status, status.authenticated == true, let user = status.user,
            let name = user.username, !name.isEmpty
        else { return .unknown }
        // A server that knows no audiences says so by naming none; the token is then one for the server itself.
        guard audiences.isEmpty || !Set(audiences).isDisjoint(with: status.audiences ?? []) else { return .unknown }
        let attributes = SubjectAccessReview.Attributes(
            namespace: service.namespace ?? "",
            verb: "create",
            group: Naming.group,
            resource: ForecastService.resource.plural,
            subresource: Self.subresource,
            name: service.name
        )
        let question = SubjectAccessReview(
            spec: .init(
                resourceAttributes: attributes,
                user: name,
                uid: user.uid,
                groups: user.groups,
                extra: user.extra
            )
        )
        let access = try await create(question, "authorization.k8s.io", "subjectaccessreviews")
        return access.status?.allowed == true ? .allowed(name) : .notAllowed(name)
    }

    /// Asks about the process's own token, so that it shows whether both questions may be asked.
    ///
    /// - Throws: `ServingError.reviewUnavailable`, `reviewRefused`.
    func probe() async throws(ServingError) {
        var own = self
        own.audiences = []
        _ = try await own.review(try ownToken())
    }

    private func ownToken() throws(ServingError) -> String {
        do {
            let text = try String(contentsOfFile: "\(folder)/token", encoding: .utf8)
            return text.trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            let reason = (error as NSError).localizedDescription
            throw .reviewUnavailable(reason: "the pod's own token in \(folder) cannot be read: \(reason)")
        }
    }

    private func create<Review: Codable>(
        _ review: Review,
        _ group: String,
        _ plural: String
    ) async throws(ServingError) -> Review {
        let own = try ownToken()
        let url = "\(server)/apis/\(group)/v1/\(plural)"
        let answer: HTTPResponse
        do {
            let request = HTTPRequest(
                method: "POST",
                url: url,
                headers: [
                    HTTPHeader("Authorization", "Bearer \(own)"),
                    HTTPHeader("Content-Type", "application/json"), HTTPHeader("Accept", "application/json"),
                ],
                body: try KubeJSON.encoder().encode(review),
                timeout: Self.timeout,
                // A review changes nothing.
                mayRepeat: true
            )
            answer = try await transport.send(request)
        } catch let error as HTTPTransportError {
            throw .reviewUnavailable(reason: error.description)
        } catch {
            throw error is CancellationError ? .stopped : .reviewUnavailable(reason: "\(error)")
        }
        switch answer.status {
        case 200...299: break
        case 401, 403: throw .reviewRefused(plural: plural, status: answer.status)
        default: throw .reviewUnavailable(reason: "\(url) answered with \(answer.status)")
        }
        guard let decoded = try? KubeJSON.decoder().decode(Review.self, from: answer.body) else {
            throw .reviewUnavailable(reason: "\(url) answered with something that is no review")
        }
        return decoded
    }
}

/// `authentication.k8s.io/v1`, as far as it is needed.
private struct TokenReview: Codable {
    struct Spec: Codable {
        var token: String
        var audiences: [String]?
    }

    struct User: Codable {
        var username: String?
        var uid: String?
        var groups: [String]?
        var extra: [String: [String]]?
    }

    struct Status: Codable {
        var authenticated: Bool?
        var user: User?
        var audiences: [String]?
    }

    var apiVersion = "authentication.k8s.io/v1"
    var kind = "TokenReview"
    var spec: Spec
    var status: Status?

    init(spec: Spec) { self.spec = spec }
}

/// `authorization.k8s.io/v1`, as far as it is needed.
private struct SubjectAccessReview: Codable {
    struct Attributes: Codable {
        var namespace: String
        var verb: String
        var group: String
        var resource: String
        var subresource: String
        var name: String
    }

    struct Spec: Codable {
        var resourceAttributes: Attributes
        var user: String
        var uid: String?
        var groups: [String]?
        var extra: [String: [String]]?
    }

    struct Status: Codable {
        var allowed: Bool?
    }

    var apiVersion = "authorization.k8s.io/v1"
    var kind = "SubjectAccessReview"
    var spec: Spec
    var status: Status?

    init(spec: Spec) { self.spec = spec }
}
