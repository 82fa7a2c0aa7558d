// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport

/// Answers every request with one status and body, in pieces; or with an error; or with 401 where a header is missing.
struct ScriptedTransport: HTTPTransport {
    var status = 200
    var body = Data()
    var error: HTTPTransportError?
    /// What a request must carry.
    var asks: HTTPHeader?

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        if let error { throw error }
        if let asks, !request.headers.contains(asks) { return HTTPResponse(status: 401) }
        return HTTPResponse(status: status, body: body)
    }

    func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse {
        let response = try await send(request)
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: Data.self, throwing: (any Error).self)
        continuation.yield(response.body)
        continuation.finish()
        return HTTPStreamingResponse(status: response.status, body: stream)
    }
}
