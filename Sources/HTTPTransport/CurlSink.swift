// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Synchronization

/// What happens to the bytes of an answer.
///
/// Called by the loop's thread only, in the order head, body, finish.
protocol CurlSink: Sendable {
    /// The head is complete.
    func head(_ head: ResponseHead)
    /// Some of the body came.
    func body(_ bytes: UnsafeRawBufferPointer) -> BodyVerdict
    /// The transfer is over; nothing follows.
    func finish(_ error: (any Error)?)
}

/// What a sink did with some bytes.
enum BodyVerdict: Equatable {
    /// It took them.
    case taken
    /// It took none: pause the transfer and offer them again after it was resumed.
    case pause
    /// It took none and wants no more.
    case abort
}

/// Collects a whole answer.
final class CollectingSink: CurlSink {
    private struct State {
        var continuation: CheckedContinuation<HTTPResponse, any Error>?
        var response: HTTPResponse?
        var tooLarge = false
    }

    private let url: String
    private let limit: Int
    private let state = Mutex(State())

    init(url: String, limit: Int) {
        self.url = url
        self.limit = limit
    }

    func expect(_ continuation: CheckedContinuation<HTTPResponse, any Error>) {
        state.withLock { $0.continuation = continuation }
    }

    func head(_ head: ResponseHead) {
        state.withLock { $0.response = HTTPResponse(status: head.status, headers: head.headers) }
    }

    func body(_ bytes: UnsafeRawBufferPointer) -> BodyVerdict {
        state.withLock { state in
            guard let count = state.response?.body.count else { return .abort }
            guard count + bytes.count <= limit else {
                state.tooLarge = true
                return .abort
            }
            state.response?.body.append(contentsOf: bytes)
            return .taken
        }
    }

    func finish(_ error: (any Error)?) {
        let final = state.withLock { state in
            defer { state = State() }
            return state
        }
        if final.tooLarge {
            final.continuation?.resume(throwing: HTTPTransportError.responseTooLarge(url: url, limit: limit))
        } else if let error {
            final.continuation?.resume(throwing: error)
        } else if let response = final.response {
            final.continuation?.resume(returning: response)
        } else {
            final.continuation?.resume(
                throwing: HTTPTransportError.connectionLost(url: url, reason: "the answer is not HTTP")
            )
        }
    }
}
