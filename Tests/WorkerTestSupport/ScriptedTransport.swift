// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation
package import HTTPTransport

/// Answers every request with one status and body, in pieces; or with an error; or with 401 where a header is missing.
package struct ScriptedTransport: HTTPTransport {
    /// The answers' status.
    package var status: Int
    /// The answers' body.
    package var body: Data
    /// What is thrown in place of an answer.
    package var error: HTTPTransportError?
    /// What a request must carry.
    package var asks: HTTPHeader?

    /// A transport; the parameters are as the properties.
    package init(
        status: Int = 200,
        body: Data = Data(),
        error: HTTPTransportError? = nil,
        asks: HTTPHeader? = nil
    ) {
        (self.status, self.body, self.error, self.asks) = (status, body, error, asks)
    }

    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        if let error { throw error }
        if let asks, !request.headers.contains(asks) { return HTTPResponse(status: 401) }
        return HTTPResponse(status: status, body: body)
    }

    package func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse {
        let response = try await send(request)
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: Data.self, throwing: (any Error).self)
        continuation.yield(response.body)
        continuation.finish()
        return HTTPStreamingResponse(status: response.status, body: stream)
    }
}
