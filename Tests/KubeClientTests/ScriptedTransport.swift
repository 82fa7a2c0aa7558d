// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import Synchronization

/// A transport whose answers are a list of values, and which remembers what it was asked.
final class ScriptedTransport: HTTPTransport {
    enum Answer {
        case response(HTTPResponse)
        case stream(HTTPResponse, pieces: [Data], error: HTTPTransportError?)
        case failure(HTTPTransportError)
    }

    private struct State {
        var answers: [Answer]
        var requests: [HTTPRequest] = []
    }

    private let state: Mutex<State>

    init(_ answers: [Answer]) {
        state = Mutex(State(answers: answers))
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    private func next(_ request: HTTPRequest) throws -> Answer {
        try state.withLock { state in
            state.requests.append(request)
            guard !state.answers.isEmpty else {
                throw HTTPTransportError.connectionLost(url: request.url, reason: "the script is at its end")
            }
            return state.answers.removeFirst()
        }
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        switch try next(request) {
        case .response(let response), .stream(let response, _, _): return response
        case .failure(let error): throw error
        }
    }

    func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse {
        switch try next(request) {
        case .failure(let error): throw error
        case .response(let response): return streaming(response, [response.body], nil)
        case .stream(let response, let pieces, let error): return streaming(response, pieces, error)
        }
    }

    private func streaming(
        _ response: HTTPResponse,
        _ pieces: [Data],
        _ error: HTTPTransportError?
    ) -> HTTPStreamingResponse {
        let body = AsyncThrowingStream<Data, any Error> { continuation in
            for piece in pieces { continuation.yield(piece) }
            continuation.finish(throwing: error)
        }
        return HTTPStreamingResponse(status: response.status, headers: response.headers, body: body)
    }
}
