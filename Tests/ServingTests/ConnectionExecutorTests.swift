// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import HummingbirdCore
import Testing
import WorkerRuntime

@testable import Serving

@Suite("The threads that requests run on", .timeLimit(.minutes(1)))
struct ConnectionExecutorTests {
    /// Asks a route on which threads it ran: at its beginning, elsewhere, back from there, and after a pause.
    private func threads(bodyBytes: Int) async throws -> [String] {
        let admission = Admission(processors: 2)
        let router = Router(context: ServingContext.self)
        router.add(middleware: AdmissionMiddleware(admission: admission, readiness: Readiness()))
        router.post("/threads") { _, _ -> String in
            var names = [threadName(), try await LongWork.compute { threadName() }, threadName()]
            try await Task.sleep(for: .milliseconds(1))
            names.append(threadName())
            return names.joined(separator: ",")
        }
        let connections = HTTPServerBuilder { GuardedConnection(admission: admission, responder: $0) }
        return try await LoopbackServer.with(router, connections: connections) { address in
            let client = try RawClient(address)
            let head = "POST /threads HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(bodyBytes)\r\n\r\n"
            client.send(head + String(repeating: " ", count: bodyBytes))
            let answer = try await client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            return answer.components(separatedBy: "\r\n\r\n").dropFirst().joined().components(separatedBy: ",")
        }
    }

    @Test("a request runs on its connection's thread, and comes back to it from a computation and from a pause")
    func ordinary() async throws {
        let threads = try await threads(bodyBytes: 100)
        #expect(threads.count == 4 && threads[0].hasPrefix("NIO-"))
        #expect(threads[1] != threads[0] && threads[2] == threads[0] && threads[3] == threads[0])
    }

    @Test("a long body is not decoded on its connection's thread")
    func longBody() async throws {
        let threads = try await threads(bodyBytes: 300_000)
        #expect(threads.count == 4 && threads.allSatisfy { !$0.hasPrefix("NIO-") })
    }
}

/// The name of the thread that calls.
private func threadName() -> String {
    let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
    return name?.trimmingCharacters(in: .newlines) ?? "unknown"
}
