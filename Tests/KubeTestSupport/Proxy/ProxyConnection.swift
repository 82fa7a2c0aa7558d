// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One client's connection, and the proxy's own to the API server: one request after another.
final class ProxyConnection {
    private struct Broken: Error {}

    private let proxy: FaultProxy
    private let client: TLSSocket
    private let context: TLSContext
    private var upstream: (reader: HTTPReader, descriptor: Int32)?

    init(_ proxy: FaultProxy, _ client: TLSSocket, _ context: TLSContext) {
        self.proxy = proxy
        self.client = client
        self.context = context
    }

    deinit { closeUpstream() }

    /// Serves requests until either side ends or a fault breaks the connection.
    func run() {
        var reader = HTTPReader(client)
        while let head = reader.head(), let body = reader.body(of: head) {
            guard let request = ProxiedRequest(firstLine: head.firstLine, agent: head["user-agent"] ?? "") else {
                break
            }
            proxy.name(client.descriptor, request.agent)
            do {
                try serve(request, head, body)
            } catch {
                TCP.reset(client.descriptor)
                return
            }
        }
    }

    private func serve(_ request: ProxiedRequest, _ head: HTTPHead, _ body: [UInt8]) throws {
        let fault = proxy.decide(request)
        switch fault {
        case .disconnect:
            proxy.note(request, fault, status: nil)
            throw Broken()
        case .stall:
            proxy.note(request, fault, status: nil)
            waitForClient()
            throw Broken()
        case .answer(let answer):
            proxy.note(request, fault, status: nil)
            try send(answer)
        case .delay(let time):
            sleep(time)
            // The wait may have seen the client go or be cut off.
            if proxy.decide(request) == .disconnect { throw Broken() }
            try forward(request, fault, head, body)
        default: try forward(request, fault, head, body)
        }
    }

    private func forward(
        _ request: ProxiedRequest,
        _ fault: FaultRule.RequestFault?,
        _ head: HTTPHead,
        _ body: [UInt8]
    ) throws {
        let answer = try exchange(head, body)
        let status = answer.firstLine.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        if request.verb == .watch, status == 200 {
            proxy.note(request, fault, status: status)
            if fault == .swallowAnswer { throw Broken() }
            return try stream(request, answer)
        }
        guard let answerBody = upstream?.reader.body(of: answer) else { throw Broken() }
        proxy.note(request, fault, status: status)
        let recorded = proxy.first(request, answer, answerBody)
        switch fault {
        case .swallowAnswer: throw Broken()
        case .cutAnswer(let count):
            _ = client.write(plain(answer, answerBody.count) + answerBody.prefix(count))
            throw Broken()
        case .answerAsFirst: try send(plain(recorded.head, recorded.body.count) + recorded.body)
        case .delayAnswer(let time):
            sleep(time)
            try send(plain(answer, answerBody.count) + answerBody)
        default: try send(plain(answer, answerBody.count) + answerBody)
        }
    }

    /// Sends a request upstream and returns the head of the answer; a connection that has grown old is replaced once.
    private func exchange(_ head: HTTPHead, _ body: [UInt8]) throws -> HTTPHead {
        let isFresh = upstream == nil
        // Without compression, so that faults can cut events.
        let bytes = head.bytes(without: ["accept-encoding"]) + body
        if upstream == nil { try connect() }
        if upstream?.reader.socket.write(bytes) == true, let answer = upstream?.reader.head() { return answer }
        closeUpstream()
        guard !isFresh, head.firstLine.hasPrefix("GET") else { throw Broken() }
        return try exchange(head, body)
    }

    private func stream(_ request: ProxiedRequest, _ head: HTTPHead) throws {
        try send(head.bytes())
        var tap = WatchTap()
        while true {
            // The last event for a while must not wait for the next one for ever.
            guard let isThere = try waitForUpstream(tap.isHolding ? 50 : -1) else {
                for output in tap.flush() { _ = try perform(output) }
                continue
            }
            guard isThere else { throw Broken() }
            guard let piece = upstream?.reader.chunk() else { throw Broken() }
            for output in tap.take(piece, { proxy.decide($0, in: request) }) {
                guard try perform(output) else { return }
            }
            if piece.isEmpty { return try send(Self.lastChunk) }
        }
    }

    /// Carries an output out; false where the body has ended.
    private func perform(_ output: WatchTap.Output) throws -> Bool {
        switch output {
        case .send(let bytes): try send(Self.chunk(bytes))
        case .trickle(let bytes):
            for byte in bytes { try send(Self.chunk([byte])) }
        case .wait(let time): sleep(time)
        case .breakAfter(let bytes):
            _ = client.write(Self.chunk(bytes))
            // Not a reset: what was sent must arrive.
            TCP.sever(client.descriptor)
            throw Broken()
        case .end:
            closeUpstream()
            try send(Self.lastChunk)
            return false
        case .fallSilent:
            waitForClient()
            throw Broken()
        }
        return true
    }

    private static let lastChunk = Array("0\r\n\r\n".utf8)

    private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        bytes.isEmpty ? [] : Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + [0x0D, 0x0A]
    }

    /// Waits for the server's next bytes, for so many milliseconds where that is not negative.
    ///
    /// Returns false where the client has gone, nil where the time is over.
    private func waitForUpstream(_ milliseconds: Int32) throws -> Bool? {
        guard let upstream, !upstream.reader.isReady else { return true }
        var both = [
            pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: upstream.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&both, 2, milliseconds)
        guard count > 0 else { return count == 0 ? nil : false }
        // A client sends nothing while it reads a watch, so anything from it is its end.
        return both[0].revents == 0
    }

    private func waitForClient() {
        var one = pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0)
        poll(&one, 1, -1)
    }

    private func send(_ bytes: [UInt8]) throws {
        guard client.write(bytes) else { throw Broken() }
    }

    private func send(_ answer: FaultAnswer) throws {
        var head = HTTPHead(firstLine: "HTTP/1.1 \(answer.code) \(answer.reason)")
        head.fields = [("Content-Type", "application/json")]
        if let seconds = answer.retryAfter { head.fields.append(("Retry-After", String(seconds))) }
        let body = Array(answer.body.utf8)
        try send(plain(head, body.count) + body)
    }

    /// A head for a body of that length in one piece.
    private func plain(_ head: HTTPHead, _ count: Int) -> [UInt8] {
        head.bytes(without: ["transfer-encoding", "content-length"], adding: ["Content-Length: \(count)"])
    }

    private func connect() throws {
        guard let descriptor = TCP.connect(port: proxy.upstreamPort) else { throw Broken() }
        guard let socket = TLSSocket(descriptor, context, isServer: false) else {
            close(descriptor)
            throw Broken()
        }
        upstream = (HTTPReader(socket), descriptor)
    }

    private func closeUpstream() {
        guard let upstream else { return }
        close(upstream.descriptor)
        self.upstream = nil
    }

    private func sleep(_ time: Duration) {
        Thread.sleep(forTimeInterval: Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18)
    }
}
