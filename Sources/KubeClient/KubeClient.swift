// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import HTTPTransport
package import KubeCore

/// A typed client of the Kubernetes API.
///
/// A value: copies share their transport and credentials.
///
/// Every method throws `KubeError`, or `CancellationError` when its task is cancelled. Requests are retried as
/// `RetryPolicy` says; watches are not, because going on is up to whoever knows the last version.
package struct KubeClient: Sendable {
    /// The namespace to use where none is named.
    package let namespace: String
    let configuration: KubeConfiguration
    private(set) var transport: any HTTPTransport
    var options: Options
    let credentials: CredentialSource
    /// The API server's host and port, as they are told to whoever counts requests.
    package let host: String

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
        /// Told about every try, once it is over.
        package var observe: @Sendable (RequestAttempt) -> Void
        /// Waits; tests put their own in.
        package var sleep: @Sendable (Duration) async throws -> Void

        /// Makes options.
        package init(
            userAgent: String = "almanac",
            retry: RetryPolicy = RetryPolicy(),
            timeout: Duration = .seconds(30),
            watchIdleTimeout: Duration = .seconds(90),
            observe: @escaping @Sendable (RequestAttempt) -> Void = { _ in },
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
        let source = CredentialSource(configuration)
        self.init(configuration: configuration, transport: transport, options: options, credentials: source)
    }

    init(
        configuration: KubeConfiguration,
        transport: any HTTPTransport,
        options: Options,
        credentials: CredentialSource
    ) {
        self.configuration = configuration
        self.transport = transport
        self.options = options
        self.credentials = credentials
        namespace = configuration.namespace
        let authority = configuration.server.split(separator: "/", maxSplits: 2).last ?? ""
        host = String(authority.prefix { $0 != "/" })
        credentials.onRenewal { transport.renewConnections() }
    }

    /// A client of the same server with other connections, which shares the credentials: a plugin runs once for both.
    package func over(_ transport: any HTTPTransport, options: Options) -> KubeClient {
        KubeClient(configuration: configuration, transport: transport, options: options, credentials: credentials)
    }

    /// A client over the same connections, with something around them.
    package func through(_ wrap: (any HTTPTransport) -> any HTTPTransport) -> KubeClient {
        var client = self
        client.transport = wrap(transport)
        return client
    }

    /// Sends a request, with retries, and returns the body of the answer.
    package func send(_ request: KubeRequest) async throws -> Data {
        var mayHaveArrived = false
        return try await send(request, noting: &mayHaveArrived)
    }

    /// Sends a request and decodes the answer.
    package func send<Answer: Decodable>(_ request: KubeRequest, as type: Answer.Type) async throws -> Answer {
        try decode(try await send(request), as: type, of: request)
    }

    /// Sends a request, with retries; `mayHaveArrived` tells, also where this throws, whether a try that failed for us
    /// may have been carried out.
    func send(_ request: KubeRequest, noting mayHaveArrived: inout Bool) async throws -> Data {
        var hasRefreshed = false
        var retries = 0
        while true {
            let login = try await credentials.current()
            do {
                return try await attempt(request, login: login, retries: retries)
            } catch let error as KubeError {
                if error.leavesOutcomeOpen { mayHaveArrived = true }
                let action = options.retry.action(
                    after: error,
                    mayRepeat: request.mayRepeat,
                    retries: retries,
                    hasRefreshed: hasRefreshed,
                    jitter: .random(in: 0...1)
                )
                switch action {
                case .fail: throw error
                case .refreshCredentials:
                    hasRefreshed = true
                    guard try await refresh(login) else { throw error }
                case .retry(let wait): try await options.sleep(wait)
                }
                retries += 1
            }
        }
    }

    func decode<Answer: Decodable>(_ body: Data, as type: Answer.Type, of request: KubeRequest) throws -> Answer {
        do {
            return try KubeJSON.decoder().decode(type, from: body)
        } catch {
            throw KubeError.undecodable(request: request.description, reason: DecodingFailure.describe(error))
        }
    }

    /// Fetches credentials instead of rejected ones; false where they are the same, as the answer would be.
    func refresh(_ rejected: Credentials) async throws -> Bool {
        credentials.invalidate(rejected: rejected)
        return try await !credentials.current().isSame(as: rejected)
    }

    private func attempt(_ request: KubeRequest, login: Credentials, retries: Int) async throws -> Data {
        let wire = httpRequest(request, login: login)
        let response = try await observed(request, retries: retries) {
            try await transport.send(wire)
        } result: {
            ($0.status, $0.body.count)
        }
        guard (200..<300).contains(response.status) else {
            throw Self.refusal(response, request)
        }
        return response.body
    }

    /// Runs one try, tells the observer about it, and names the request in what it throws.
    func observed<Response>(
        _ request: KubeRequest,
        retries: Int,
        _ body: () async throws -> Response,
        result: (Response) -> (status: Int, bytes: Int?)
    ) async throws -> Response {
        let start = ContinuousClock.now
        var attempt = RequestAttempt(request, host: host, retries: retries)
        do {
            let response = try await body()
            let (status, bytes) = result(response)
            attempt.code = status
            attempt.responseBytes = bytes
            attempt.duration = .now - start
            options.observe(attempt)
            return response
        } catch let error as HTTPTransportError {
            attempt.duration = .now - start
            options.observe(attempt)
            throw KubeError.transport(error, request: request.description)
        }
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
