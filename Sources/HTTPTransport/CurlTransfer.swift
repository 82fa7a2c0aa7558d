// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CCurl
import FoundationEssentials
import Synchronization

/// One exchange: a request, its curl handle, and where the answer goes.
///
/// `@unchecked Sendable` because of the handle and the progress of the exchange: after `CurlLoop.start` nobody but the
/// loop's thread touches them. What other threads may touch is in `cancelled`.
final class CurlTransfer: @unchecked Sendable {
    let request: HTTPRequest
    let target: RequestTarget
    let configuration: CurlTransport.Configuration
    let sink: any CurlSink

    private let cancelled = Atomic(false)

    // The loop's thread only:
    var handle: CurlHandle?
    var startedAt = ContinuousClock.now
    var lastByteAt = ContinuousClock.now
    var isPaused = false
    private var parser = ResponseHeadParser()
    private var hasHead = false
    private var bytesSent = 0

    init(
        _ request: HTTPRequest,
        target: RequestTarget,
        configuration: CurlTransport.Configuration,
        sink: any CurlSink
    ) {
        self.request = request
        self.target = target
        self.configuration = configuration
        self.sink = sink
    }

    var isStream: Bool { sink is StreamingSink }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func markCancelled() { cancelled.store(true, ordering: .releasing) }

    /// When the exchange has taken too long, as things are now; nil for never.
    var deadline: ContinuousClock.Instant? {
        let total = isStream && hasHead ? nil : request.timeout.map { startedAt + $0 }
        let idle = isPaused ? nil : request.idleTimeout.map { lastByteAt + $0 }
        guard let total, let idle else { return total ?? idle }
        return min(total, idle)
    }

    /// The error for an exchange that is over its deadline.
    var timeoutError: HTTPTransportError {
        let isIdle = request.idleTimeout.map { lastByteAt + $0 } == deadline
        return .timedOut(url: target.redacted, after: isIdle ? request.idleTimeout : request.timeout)
    }

    /// A line of the head.
    func header(_ bytes: UnsafeRawBufferPointer) {
        lastByteAt = .now
        guard case .complete(var head) = parser.line(bytes) else { return }
        hasHead = true
        if decompresses, head.headers.first(named: "Content-Encoding") != nil {
            // They describe what was on the wire, and curl has undone that.
            head.headers.removeAll { ["content-encoding", "content-length"].contains($0.name.lowercased()) }
        }
        sink.head(head)
    }

    /// A part of the body; false ends the transfer.
    func body(_ bytes: UnsafeRawBufferPointer) -> BodyVerdict {
        lastByteAt = .now
        let verdict = sink.body(bytes)
        isPaused = verdict == .pause
        return verdict
    }

    /// Copies the next bytes of the request's body; 0 at its end, and curl's number for an abort where it is too late.
    func upload(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        if let notAfter = request.notAfter, .now > notAfter { return Int(CURL_READFUNC_ABORT) }
        lastByteAt = .now
        guard let body = request.body else { return 0 }
        let count = min(buffer.count, body.count - bytesSent)
        guard count > 0 else { return 0 }
        let start = body.startIndex + bytesSent
        body.copyBytes(to: buffer, from: start..<start + count)
        bytesSent += count
        return count
    }

    /// Goes back to the start of the body, for curl's retry on a connection that turned out to be closed.
    ///
    /// Refused for requests that may not be repeated: the server may have acted on the first try.
    func rewind(to offset: Int) -> Bool {
        guard request.mayRepeat, (0...(request.body?.count ?? 0)).contains(offset) else { return false }
        bytesSent = offset
        return true
    }

    /// Whether curl asks for compressed answers and undoes the compression.
    var decompresses: Bool { request.headers.first(named: "Accept-Encoding") == nil }
}
