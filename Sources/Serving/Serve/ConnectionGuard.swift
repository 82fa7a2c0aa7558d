// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOHTTPTypes
import NIOTLS

/// Ends connections whose clients are too slow: in a handshake, in sending a head or a body, in taking an answer.
///
/// It stands between the socket, or TLS, and HTTP, so it sees bytes that are no whole head yet. `RequestBoundary` tells it where
/// requests begin and end. Nothing is timed while requests come and go whole, as nearly all do.
final class ConnectionGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case handshake
        case idle
        case head
        case body
        case answering
    }

    private let handshake: TimeAmount?
    private let head: TimeAmount
    private let body: @Sendable () -> TimeAmount
    private let write: TimeAmount
    private var phase = Phase.idle
    /// Requests whose answers are not complete.
    private var open = 0
    private var readTimer: Scheduled<Void>?
    private var writeTimer: Scheduled<Void>?

    /// A guard that gives a client so long for the handshake of TLS (nil without it), a head, a body, and to take something
    /// of an answer.
    init(handshake: TimeAmount? = nil, head: TimeAmount, body: @escaping @Sendable () -> TimeAmount, write: TimeAmount)
    {
        self.handshake = handshake
        self.head = head
        self.body = body
        self.write = write
    }

    // MARK: What RequestBoundary says

    func headCame() {
        open += 1
        become(.body)
    }

    func bodyEnded() { become(.answering) }

    func answered() {
        open -= 1
        if open == 0, phase == .answering { become(.idle) }
    }

    // MARK: What the socket says

    func handlerAdded(context: ChannelHandlerContext) {
        guard let handshake else { return }
        phase = .handshake
        readTimer = start(handshake, context) { handler, context in handler.giveUp(context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent, phase == .handshake { become(.idle) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(data)
        switch phase {
        // Bytes came, and no head came out of them.
        case .idle:
            become(.head)
            readTimer = start(head, context) { handler, context in handler.giveUp(context) }
        case .body where readTimer == nil:
            readTimer = start(body(), context) { handler, context in handler.giveUp(context) }
        case .handshake, .head, .body, .answering: break
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writeTimer?.cancel()
        writeTimer = nil
        if !context.channel.isWritable {
            writeTimer = start(write, context) { _, context in context.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        handlerRemoved(context: context)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        readTimer?.cancel()
        writeTimer?.cancel()
    }

    private func become(_ next: Phase) {
        phase = next
        readTimer?.cancel()
        readTimer = nil
    }

    private func start(
        _ timeout: TimeAmount,
        _ context: ChannelHandlerContext,
        _ action: @escaping (ConnectionGuard, ChannelHandlerContext) -> Void
    ) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { action(self, context) }
    }

    /// Says so where no answer has begun, and closes.
    private func giveUp(_ context: ChannelHandlerContext) {
        if phase == .head && open == 0 || phase == .body && open == 1 {
            let body = #"{"error":"the request did not come in time"}"#
            let answer = """
                HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\
                Connection: close\r\n\r\n\(body)
                """
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }
        context.close(promise: nil)
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}

/// Tells the connection's guard where requests begin and end, and closes the connection after an answer that says so. The
/// answer to a request that says so does, or its client could take the connection for its next request.
final class RequestBoundary: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var connection: ConnectionGuard?
    /// Requests whose answers have not begun.
    private var waiting = 0
    /// Whether the latest request said that it is the last one; what comes after it does not count.
    private var lastHasCome = false
    /// Whether the connection ends with the answer that is written.
    private var isLast = false

    func handlerAdded(context: ChannelHandlerContext) {
        connection = try? context.pipeline.syncOperations.handler(type: ConnectionGuard.self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            connection?.headCame()
            guard !lastHasCome else { break }
            waiting += 1
            lastHasCome = Self.ends(head.headerFields)
        case .body: break
        case .end: connection?.bodyEnded()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.kind != .informational:
            waiting = max(0, waiting - 1)
            if lastHasCome, waiting == 0 { head.headerFields[.connection] = "close" }
            isLast = Self.ends(head.headerFields)
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .head, .body:
            context.write(data, promise: promise)
        case .end:
            connection?.answered()
            guard isLast else { return context.write(data, promise: promise) }
            let written = promise ?? context.eventLoop.makePromise()
            context.writeAndFlush(data, promise: written)
            // Only our half: a client that is still sending would not read an answer on a connection that is gone.
            written.futureResult.assumeIsolated().whenComplete { _ in context.close(mode: .output, promise: nil) }
        }
    }

    /// Whether a message says that its connection ends with it.
    private static func ends(_ headers: HTTPFields) -> Bool {
        guard let options = headers.first(where: { $0.name == .connection })?.value else { return false }
        return options.split(separator: ",").contains { option in
            option.drop { $0 == " " }.prefix { $0 != " " }.lowercased() == "close"
        }
    }
}

@available(*, unavailable)
extension RequestBoundary: Sendable {}
