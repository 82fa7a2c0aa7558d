// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// Sends HTTP requests.
///
/// The one implementation for production is `CurlTransport`; tests script their own.
package protocol HTTPTransport: Sendable {
    /// Sends a request and collects the whole answer, whatever its status code.
    ///
    /// Throws `HTTPTransportError` when no answer came; an HTTP error status is not an error here.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse

    /// Sends a request and hands over the answer's body piece by piece, as it arrives.
    ///
    /// The stream ends when the server ends the body, throws when the connection fails or stays silent for longer
    /// than `HTTPRequest.idleTimeout`, and stops the transfer when its consumer stops.
    func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse

    /// Ends all streams as a broken connection would, so that they are opened anew with the credentials of now.
    ///
    /// Requests that run are finished, and their connections are not used again.
    func renewConnections()
}

extension HTTPTransport {
    /// Nothing: for transports without connections of their own.
    package func renewConnections() {}
}

/// An HTTP request as a value.
package struct HTTPRequest: Sendable, Equatable {
    /// The method, for instance `GET`.
    package var method: String
    /// The absolute URL.
    package var url: String
    /// Header fields in order; names are case-insensitive.
    package var headers: [HTTPHeader]
    /// The body, nil for none.
    package var body: Data?
    /// When the body may no longer be sent; nil for any time.
    ///
    /// It is looked at as the body goes out, so that a process that was stopped sends nothing that it has no right to.
    package var notAfter: ContinuousClock.Instant?
    /// How long the whole exchange may take; nil for no limit.
    ///
    /// Of a streamed answer it limits only the wait for the head, not the body.
    package var timeout: Duration?
    /// How long a connection may stay without a byte before it counts as dead; nil for no limit.
    ///
    /// A stream whose consumer is slow does not count as silent.
    package var idleTimeout: Duration?
    /// The certificate to log in with instead of the transport's; requests with different ones share no connection.
    package var identity: HTTPClientIdentity?
    /// Whether the request may be sent again by itself where a kept connection turns out to be closed.
    package var mayRepeat: Bool

    /// Makes a request; without `mayRepeat`, those with an idempotent method may be repeated.
    package init(
        method: String = "GET",
        url: String,
        headers: [HTTPHeader] = [],
        body: Data? = nil,
        timeout: Duration? = .seconds(30),
        idleTimeout: Duration? = nil,
        identity: HTTPClientIdentity? = nil,
        mayRepeat: Bool? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.idleTimeout = idleTimeout
        self.identity = identity
        self.mayRepeat = mayRepeat ?? ["GET", "HEAD", "PUT", "DELETE"].contains(method)
    }
}

/// A client's certificate and its private key, in PEM.
///
/// Its description shows neither.
package struct HTTPClientIdentity: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The certificate, with its chain.
    package var certificate: Data
    /// The private key.
    package var key: Data

    /// Makes an identity.
    package init(certificate: Data, key: Data) {
        self.certificate = certificate
        self.key = key
    }

    package var description: String { "a client certificate" }
    package var debugDescription: String { description }
}

/// One header field.
package struct HTTPHeader: Sendable, Equatable {
    /// The field's name, case-insensitive.
    package var name: String
    /// The field's value.
    package var value: String

    /// Makes a header field.
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A complete answer.
package struct HTTPResponse: Sendable, Equatable {
    /// The status code, 100 to 599.
    package var status: Int
    /// The header fields of the final answer.
    package var headers: [HTTPHeader]
    /// The body, empty when there was none.
    package var body: Data

    /// Makes an answer.
    package init(status: Int, headers: [HTTPHeader] = [], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// An answer whose body is still arriving.
package struct HTTPStreamingResponse: Sendable {
    /// The status code, 100 to 599.
    package var status: Int
    /// The header fields.
    package var headers: [HTTPHeader]
    /// The body's pieces, of any length, in order.
    package var body: AsyncThrowingStream<Data, any Error>

    /// Makes a streaming answer.
    package init(status: Int, headers: [HTTPHeader] = [], body: AsyncThrowingStream<Data, any Error>) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

extension [HTTPHeader] {
    /// The value of the first field of that name, compared without case.
    package func first(named name: String) -> String? {
        let wanted = name.lowercased()
        return first { $0.name.lowercased() == wanted }?.value
    }
}
