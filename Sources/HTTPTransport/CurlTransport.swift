// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// The production transport: libcurl's multi interface, driven by one thread of its own.
///
/// An instance has its own thread (started by its first request) and its own connections, so a burst of requests on one
/// never delays a watch or a lease on another. Connections are kept alive and reused, and shared by requests over HTTP/2.
/// Certificates that change on disk are picked up: streams end, and requests go over new connections.
/// Redirects are not followed. Proxies come from the environment (`HTTPS_PROXY`, `NO_PROXY` …) unless configured.
///
/// A streamed answer is read ahead of its consumer by at most 1 MiB and one write of curl's (16 KiB, or what that
/// decompresses to); then the connection is paused, and with HTTP/2 the stream's flow-control window bounds the rest.
package final class CurlTransport: HTTPTransport {
    private let configuration: Configuration
    private let loop: CurlLoop

    /// Makes a transport.
    ///
    /// Nothing is started or connected before the first request.
    package init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        loop = CurlLoop(
            connectionsPerHost: configuration.maximumConnectionsPerHost,
            certificates: CertificateFiles(configuration.tls, interval: configuration.certificateCheckInterval)
        )
    }

    deinit {
        loop.stop(grace: .zero)
    }

    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let target = try RequestTarget(validating: request)
        let sink = CollectingSink(url: target.redacted, limit: configuration.responseLimit)
        let transfer = CurlTransfer(request, target: target, configuration: configuration, sink: sink)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                sink.expect(continuation)
                loop.start(transfer)
            }
        } onCancel: {
            loop.cancel(transfer)
        }
    }

    package func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse {
        let target = try RequestTarget(validating: request)
        let sink = StreamingSink()
        let transfer = CurlTransfer(request, target: target, configuration: configuration, sink: sink)
        // The reader holds on to the transport, so that a stream outlives the last mention of its transport.
        let reader = BodyReader(
            sink: sink,
            resume: { self.loop.resume(transfer) },
            cancel: { self.loop.cancel(transfer) }
        )
        let head = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                sink.expect(continuation)
                loop.start(transfer)
            }
        } onCancel: {
            loop.cancel(transfer)
        }
        let body = AsyncThrowingStream(unfolding: { try await reader.next() })
        return HTTPStreamingResponse(status: head.status, headers: head.headers, body: body)
    }

    package func renewConnections() { loop.renew() }

    /// Refuses new requests, ends streams, and waits until running requests are done or `grace` is over.
    ///
    /// When it returns, the thread has ended and all connections are closed.
    package func shutdown(grace: Duration = .seconds(5)) async {
        loop.stop(grace: grace)
        await loop.ended()
    }
}

extension CurlTransport {
    /// How a transport connects.
    package struct Configuration: Sendable {
        /// Certificates and keys.
        package var tls: TLS
        /// The proxy's URL (`http`, `https`, `socks5`); nil for what the environment says, empty for none.
        package var proxy: String?
        /// Whether HTTP/2 may be negotiated.
        ///
        /// Over HTTP/1.1 a stream that is stopped closes its connection for sure.
        package var allowsHTTP2: Bool
        /// How long connecting may take, name lookup and TLS handshake included.
        package var connectTimeout: Duration
        /// How many connections one host gets at once; further requests wait, streams included.
        package var maximumConnectionsPerHost: Int
        /// The most bytes of a body that `send` collects, after decompression.
        package var responseLimit: Int
        /// How often files with certificates and keys are looked at; new ones are used once they were seen twice.
        package var certificateCheckInterval: Duration

        /// Makes a configuration; by default it verifies certificates against the system's authorities.
        package init(
            tls: TLS = TLS(),
            proxy: String? = nil,
            allowsHTTP2: Bool = true,
            connectTimeout: Duration = .seconds(10),
            maximumConnectionsPerHost: Int = 256,
            responseLimit: Int = 1 << 30,
            certificateCheckInterval: Duration = .seconds(30)
        ) {
            self.tls = tls
            self.proxy = proxy
            self.allowsHTTP2 = allowsHTTP2
            self.connectTimeout = connectTimeout
            self.maximumConnectionsPerHost = maximumConnectionsPerHost
            self.responseLimit = responseLimit
            self.certificateCheckInterval = certificateCheckInterval
        }
    }

    /// Certificates and keys, all in PEM.
    package struct TLS: Sendable, Equatable {
        /// The authorities to trust instead of the system's; nil for the system's.
        package var ca: PEM?
        /// The client's certificate, with its chain.
        package var clientCertificate: PEM?
        /// The client's private key.
        package var clientKey: PEM?
        /// The name that the server's certificate must have, where it is not the URL's host.
        package var serverName: String?
        /// Whether the server's certificate is checked.
        ///
        /// False is for experiments only.
        package var verify: Bool

        /// Makes TLS settings.
        package init(
            ca: PEM? = nil,
            clientCertificate: PEM? = nil,
            clientKey: PEM? = nil,
            serverName: String? = nil,
            verify: Bool = true
        ) {
            self.ca = ca
            self.clientCertificate = clientCertificate
            self.clientKey = clientKey
            self.serverName = serverName
            self.verify = verify
        }
    }

    /// A certificate or key.
    ///
    /// Its description never shows the content.
    package enum PEM: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
        /// The path of a file; a changed one is used within two intervals of `certificateCheckInterval`.
        case file(String)
        /// The content.
        case data(Data)

        package var description: String {
            switch self {
            case .file(let path): path
            case .data(let data): "\(data.count) bytes"
            }
        }

        package var debugDescription: String { description }
    }
}
