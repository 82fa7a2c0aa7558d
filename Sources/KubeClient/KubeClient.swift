// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation
package import HTTPTransport
package import KubeCore

/// A typed client of the Kubernetes API.
///
/// A value: copies share their transport and token.
///
/// Every method throws `KubeError`, or `CancellationError` when its task is cancelled. Requests are retried as
/// `RetryPolicy` says; watches are not, because going on is up to whoever knows the last version.
package struct KubeClient: Sendable {
    /// The namespace to use where none is named.
    package let namespace: String
    let configuration: KubeConfiguration
    let transport: any HTTPTransport
    let options: Options
    let tokens: TokenSource
    private let host: String

    /// What a client does beside sending requests.
    package struct Options: Sendable {
        /// How the client calls itself, for instance `almanac-operator/0.1.0`.
        package var userAgent: String
        /// When requests are sent again.
        package var retry: RetryPolicy
        /// How long one try of a request may take.
        package var timeout: Duration
        /// How long a watch may stay silent before its connection counts as dead.
        ///
        /// The server sends bookmarks each minute.
        package var watchIdleTimeout: Duration
        /// Told about every try: method, status code (nil without an answer), host and duration.
        package var observe: @Sendable (_ method: String, _ code: Int?, _ host: String, _ duration: Duration) -> Void
        /// Waits; tests put their own in.
        package var sleep: @Sendable (Duration) async throws -> Void

        /// Makes options.
        package init(
            userAgent: String = "almanac",
            retry: RetryPolicy = RetryPolicy(),
            timeout: Duration = .seconds(30),
            watchIdleTimeout: Duration = .seconds(90),
            observe: @escaping @Sendable (String, Int?, String, Duration) -> Void = { _, _, _, _ in },
            sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
        ) {
            self.userAgent = userAgent
            self.retry = retry
            self.timeout = timeout
            self.watchIdleTimeout = watchIdleTimeout
            self.observe = observe
            self.sleep = sleep
        }
    }

    /// Makes a client.
    ///
    /// The transport should be made from `configuration.transport()`.
    package init(configuration: KubeConfiguration, transport: any HTTPTransport, options: Options = Options()) {
        self.configuration = configuration
        self.transport = transport
        self.options = options
        namespace = configuration.namespace
        tokens = TokenSource(configuration.token)
        let authority = configuration.server.split(separator: "/", maxSplits: 2).last ?? ""
        host = String(authority.prefix { $0 != "/" })
    }

    /// Sends a request, with retries, and returns the body of the answer.
    package func send(_ request: KubeRequest) async throws -> Data {
        var retries = 0
        var hasRefreshed = false
        while true {
            let token = try tokens.current()
            do {
                return try await attempt(request, token: token)
            } catch let error as KubeError {
                let action = options.retry.action(
                    after: error,
                    method: request.method,
                    retries: retries,
                    hasRefreshed: hasRefreshed,
                    jitter: .random(in: 0...1)
                )
                switch action {
                case .fail: throw error
                case .refreshCredentials:
                    tokens.invalidate(rejected: token)
                    hasRefreshed = true
                    // Where the same token comes back, the answer would be the same too.
                    if try tokens.current() == token { throw error }
                case .retry(let wait):
                    retries += 1
                    try await options.sleep(wait)
                }
            }
        }
    }

    /// Sends a request and decodes the answer.
    package func send<Answer: Decodable>(_ request: KubeRequest, as type: Answer.Type) async throws -> Answer {
        let body = try await send(request)
        do {
            return try KubeJSON.decoder().decode(type, from: body)
        } catch {
            throw KubeError.undecodable(request: request.description, reason: DecodingFailure.describe(error))
        }
    }

    private func attempt(_ request: KubeRequest, token: String?) async throws -> Data {
        let wire = httpRequest(request, token: token)
        let response = try await observed(request) {
            try await transport.send(wire)
        } code: {
            $0.status
        }
        guard (200..<300).contains(response.status) else {
            throw Self.refusal(response, request)
        }
        return response.body
    }

    /// Runs one try, tells the observer about it, and names the request in what it throws.
    func observed<Response>(
        _ request: KubeRequest,
        _ body: () async throws -> Response,
        code: (Response) -> Int
    ) async throws -> Response {
        let start = ContinuousClock.now
        do {
            let response = try await body()
            options.observe(request.method.rawValue, code(response), host, .now - start)
            return response
        } catch let error as HTTPTransportError {
            options.observe(request.method.rawValue, nil, host, .now - start)
            throw KubeError.transport(error, request: request.description)
        }
    }

    /// The request on the wire.
    func httpRequest(_ request: KubeRequest, token: String?, isWatch: Bool = false) -> HTTPRequest {
        var headers = [HTTPHeader("Accept", "application/json"), HTTPHeader("User-Agent", options.userAgent)]
        if let contentType = request.contentType { headers.append(HTTPHeader("Content-Type", contentType)) }
        if let token { headers.append(HTTPHeader("Authorization", "Bearer \(token)")) }
        return HTTPRequest(
            method: request.method.rawValue,
            url: configuration.server + request.target,
            headers: headers,
            body: request.body,
            timeout: options.timeout,
            idleTimeout: isWatch ? options.watchIdleTimeout : nil
        )
    }

    /// The error for an answer that is no success.
    static func refusal(_ response: HTTPResponse, _ request: KubeRequest) -> KubeError {
        var status = (try? KubeJSON.decoder().decode(KubeStatus.self, from: response.body)) ?? KubeStatus()
        // The code on the wire is what happened; proxies answer in their own words or with none.
        status.code = response.status
        if status.message == nil || status.message?.isEmpty == true {
            status.message = "HTTP status \(response.status)"
        }
        let header = response.headers.first(named: "Retry-After").flatMap { Int($0) }
        let seconds = header ?? status.details?.retryAfterSeconds
        let retryAfter = seconds.flatMap { (1...86_400).contains($0) ? Duration.seconds($0) : nil }
        return .status(status, request: request.description, retryAfter: retryAfter)
    }
}
