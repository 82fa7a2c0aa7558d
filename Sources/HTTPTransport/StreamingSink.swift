// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Synchronization

/// Hands an answer over piece by piece and holds it back when its consumer is slow.
final class StreamingSink: CurlSink {
    private struct State {
        var headContinuation: CheckedContinuation<ResponseHead, any Error>?
        var buffer = BodyBuffer()
        var consumer: CheckedContinuation<Data?, any Error>?
    }

    private let state = Mutex(State())

    func expect(_ continuation: CheckedContinuation<ResponseHead, any Error>) {
        state.withLock { $0.headContinuation = continuation }
    }

    func head(_ head: ResponseHead) {
        let continuation = state.withLock { state in
            defer { state.headContinuation = nil }
            return state.headContinuation
        }
        continuation?.resume(returning: head)
    }

    func body(_ bytes: UnsafeRawBufferPointer) -> BodyVerdict {
        let (verdict, consumer) = state.withLock { state -> (BodyVerdict, CheckedContinuation<Data?, any Error>?) in
            guard let consumer = state.consumer else { return (state.buffer.offer(bytes) ? .taken : .pause, nil) }
            state.consumer = nil
            return (.taken, consumer)
        }
        consumer?.resume(returning: Data(bytes))
        return verdict
    }

    func finish(_ error: (any Error)?) {
        let (head, consumer) = state.withLock { state in
            defer {
                state.headContinuation = nil
                state.consumer = nil
            }
            // A waiting consumer takes the end of the stream itself; otherwise the end waits for the consumer.
            state.buffer.finish(state.consumer == nil ? error : nil)
            return (state.headContinuation, state.consumer)
        }
        if let head {
            head.resume(throwing: error ?? HTTPTransportError.connectionLost(url: "", reason: "the answer is not HTTP"))
        }
        if let consumer {
            if let error { consumer.resume(throwing: error) } else { consumer.resume(returning: nil) }
        }
    }

    /// Gives the consumer what is there, or keeps it waiting.
    ///
    /// Returns whether the transfer has to be resumed.
    func next(_ consumer: CheckedContinuation<Data?, any Error>) -> Bool {
        let taken = state.withLock { state in
            let taken = state.buffer.take()
            if case .wait = taken.outcome { state.consumer = consumer }
            return taken
        }
        switch taken.outcome {
        case .piece(let data): consumer.resume(returning: data)
        case .end: consumer.resume(returning: nil)
        case .failure(let error): consumer.resume(throwing: error)
        case .wait: break
        }
        return taken.resumes
    }

    /// Lets a waiting consumer go, and every later one.
    func abandon() {
        let consumer = state.withLock { state in
            defer { state.consumer = nil }
            state.buffer.finish(CancellationError())
            return state.consumer
        }
        consumer?.resume(throwing: CancellationError())
    }
}

/// The bytes between a transfer and its consumer, as a value.
struct BodyBuffer {
    /// What a consumer gets.
    enum Outcome {
        case piece(Data)
        case end
        case failure(any Error)
        case wait
    }

    /// As soon as this many bytes wait for the consumer, the transfer pauses.
    static let limit = 1 << 20

    private var bytes = Data()
    private var isPaused = false
    private var end: Result<Void, any Error>?

    /// Takes bytes unless enough are waiting; false stands for a transfer that has to pause.
    mutating func offer(_ piece: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count < Self.limit else {
            isPaused = true
            return false
        }
        bytes.append(contentsOf: piece)
        return true
    }

    /// Everything that waits, then the end; `resumes` when the transfer was paused and may go on.
    mutating func take() -> (outcome: Outcome, resumes: Bool) {
        guard bytes.isEmpty else {
            defer {
                bytes = Data()
                isPaused = false
            }
            return (.piece(bytes), isPaused && end == nil)
        }
        switch end {
        case nil: return (.wait, false)
        case .success: return (.end, false)
        case .failure(let error):
            // An error is told once; whoever asks again is at the end.
            end = .success(())
            return (.failure(error), false)
        }
    }

    /// Notes the end.
    ///
    /// The first end counts.
    mutating func finish(_ error: (any Error)?) {
        if end == nil { end = error.map { .failure($0) } ?? .success(()) }
    }
}

/// The consumer's end of a stream.
///
/// When it goes, the transfer stops.
final class BodyReader: Sendable {
    private let sink: StreamingSink
    private let resume: @Sendable () -> Void
    private let cancel: @Sendable () -> Void

    init(sink: StreamingSink, resume: @escaping @Sendable () -> Void, cancel: @escaping @Sendable () -> Void) {
        self.sink = sink
        self.resume = resume
        self.cancel = cancel
    }

    deinit {
        cancel()
    }

    /// The next piece, nil at the end.
    func next() async throws -> Data? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if sink.next(continuation) { resume() }
            }
        } onCancel: {
            sink.abandon()
            cancel()
        }
    }
}
