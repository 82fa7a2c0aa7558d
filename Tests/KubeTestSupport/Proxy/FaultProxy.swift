// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
package import KubeClient
import Synchronization

/// Stands between a client and a real API server, with TLS on both sides, and does what a `FaultPlan` says.
///
/// Each connection has a thread of its own with blocking calls, so that faults happen at exact bytes.
package final class FaultProxy: Sendable {
    /// One request that came by.
    package struct Entry: Sendable {
        /// What was asked.
        package var request: ProxiedRequest
        /// When it came.
        package var time: ContinuousClock.Instant
        /// The server's own status; nil where it never saw the request.
        package var status: Int?
        /// What was done to it.
        package var fault: FaultRule.RequestFault?

        /// Whether the server carried out a write.
        package var isAcceptedWrite: Bool { request.verb.isWrite && (200..<300).contains(status ?? 0) }
    }

    struct Recorded {
        var head: HTTPHead
        var body: [UInt8]
    }

    private struct State {
        var plan = FaultPlan()
        /// The faults of the plans before.
        var earlierHits = 0
        var log: [Entry] = []
        var connections: [Int32: String] = [:]
        var cutOff: Set<String> = []
        /// The first answers by target; nil while nothing is remembered.
        var recorded: [String: Recorded]?
        var onWrite: @Sendable (Entry) -> Void = { _ in }
        var upstreamPort: UInt16
        var isStopped = false
    }

    /// Reaches the API server by way of the proxy.
    package let configuration: KubeConfiguration
    private let listener: Int32
    private let front: TLSContext
    private let back: TLSContext
    private let state: Mutex<State>

    /// Starts a proxy in front of a control plane.
    package init(to plane: TestControlPlane) throws {
        // A write to a connection that the other side has closed is an error, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        front = try TLSContext(isServer: true, folder: plane.folder)
        back = try TLSContext(isServer: false, folder: plane.folder)
        let port: UInt16
        (listener, port) = try TCP.listen()
        state = Mutex(State(upstreamPort: plane.port))
        configuration = KubeConfiguration(
            server: "https://127.0.0.1:\(port)",
            tls: CurlTransport.TLS(ca: .file(plane.folder + "/ca.crt"))
        )
        Thread.detachNewThread { [self] in accept() }
    }

    /// Follows another plan from now on.
    package func follow(_ rules: [FaultRule], seed: UInt64 = 1) {
        state.withLock { state in
            state.earlierHits += state.plan.hits
            state.plan = FaultPlan(rules, seed: seed)
        }
    }

    /// How many faults rules have caused so far.
    package var hits: Int { state.withLock { $0.earlierHits + $0.plan.hits } }

    /// What has come by since the log was last cleared.
    package var log: [Entry] { state.withLock { $0.log } }

    /// Forgets what has come by.
    package func clearLog() { state.withLock { $0.log = [] } }

    /// Remembers the first answer to each request from now on, for `answerAsFirst`.
    package func rememberAnswers() { state.withLock { $0.recorded = [:] } }

    /// Calls back after each write that the server has carried out, before the client learns of it.
    package func onWrite(_ body: @escaping @Sendable (Entry) -> Void) { state.withLock { $0.onWrite = body } }

    /// Breaks the connections of clients whose name has that part; all of them without one.
    package func breakConnections(of agent: String = "") {
        state.withLock { state in
            for (descriptor, name) in state.connections where agent.isEmpty || name.contains(agent) {
                TCP.sever(descriptor)
            }
        }
    }

    /// Keeps clients whose name has that part from the API server: nothing of theirs gets through any more.
    package func cutOff(_ agent: String) {
        state.withLock { _ = $0.cutOff.insert(agent) }
        breakConnections(of: agent)
    }

    /// Lets them through again.
    package func letThrough(_ agent: String) { state.withLock { _ = $0.cutOff.remove(agent) } }

    /// Goes to another API server of the same cluster from now on, and breaks all connections.
    package func move(to port: UInt16) {
        state.withLock { $0.upstreamPort = port }
        breakConnections()
    }

    /// Ends the proxy and all connections.
    package func stop() {
        state.withLock { $0.isStopped = true }
        TCP.sever(listener)
        breakConnections()
    }

    // MARK: For the connections

    var upstreamPort: UInt16 { state.withLock { $0.upstreamPort } }

    func decide(_ request: ProxiedRequest) -> FaultRule.RequestFault? {
        state.withLock { state in
            let isCutOff = state.cutOff.contains { request.agent.contains($0) }
            return isCutOff ? .disconnect : state.plan.decide(request)
        }
    }

    func decide(_ type: String, in request: ProxiedRequest) -> FaultRule.EventFault? {
        state.withLock { $0.plan.decide(type, in: request) }
    }

    func note(_ request: ProxiedRequest, _ fault: FaultRule.RequestFault?, status: Int?) {
        let entry = Entry(request: request, time: .now, status: status, fault: fault)
        let onWrite = state.withLock { state in
            state.log.append(entry)
            return state.onWrite
        }
        if entry.isAcceptedWrite { onWrite(entry) }
    }

    func name(_ descriptor: Int32, _ agent: String) { state.withLock { $0.connections[descriptor] = agent } }

    /// The first answer to a request, which is this one where there was none before.
    func first(_ request: ProxiedRequest, _ head: HTTPHead, _ body: [UInt8]) -> Recorded {
        let key = request.target
        return state.withLock { state in
            if let known = state.recorded?[key] { return known }
            let answer = Recorded(head: head, body: body)
            state.recorded?[key] = answer
            return answer
        }
    }

    private func accept() {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { break }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            TCP.noDelay(descriptor)
            let isTaken = state.withLock { state in
                if !state.isStopped { state.connections[descriptor] = "" }
                return !state.isStopped
            }
            guard isTaken else {
                close(descriptor)
                continue
            }
            Thread.detachNewThread { [self] in
                if let socket = TLSSocket(descriptor, front, isServer: true) {
                    ProxyConnection(self, socket, back).run()
                }
                // Under the lock, so that nobody breaks another connection that gets the same number.
                state.withLock { state in
                    state.connections[descriptor] = nil
                    close(descriptor)
                }
            }
        }
        close(listener)
    }
}
