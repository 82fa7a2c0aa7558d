// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import Synchronization

/// Clients that ask a service for forecasts without a pause, and remember every answer that is not one.
final class Load: Sendable {
    private struct Tally {
        var answers = 0
        var failures: [String] = []
        var isOver = false
    }

    private let url: String
    private let bodies: [Data]
    private let tally = Mutex(Tally())

    /// Asks for what follows a daily wave; `end` is the time of its last row, for models that know the calendar.
    init(url: String, lookback: Int, end: String? = nil) throws {
        self.url = url
        let history = (0..<lookback).map { 100 + 20 * sin(Double($0) * .pi / 12) }
        bodies =
            if let end {
                [try Self.body(DataServer.History(values: history, end: end))]
            } else {
                [try JSONEncoder().encode(["instances": [history]])]
            }
    }

    /// Asks for what follows each of these histories, in turn.
    init(url: String, histories: [DataServer.History]) throws {
        self.url = url
        bodies = try histories.map(Self.body)
    }

    private static func body(_ history: DataServer.History) throws -> Data {
        struct Timed: Encodable { let history: [Double], end: String }
        return try JSONEncoder().encode(["instances": [Timed(history: history.values, end: history.end)]])
    }

    /// Requests answered so far, and what the others ended with.
    var result: (answers: Int, failures: [String]) { tally.withLock { ($0.answers, $0.failures) } }

    func stop() { tally.withLock { $0.isOver = true } }

    /// Asks with four clients until `stop`: two keep their connection, two make a new one for each request.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for client in 0..<4 {
                group.addTask { await self.ask(keepingConnection: client.isMultiple(of: 2)) }
            }
        }
    }

    private func ask(keepingConnection: Bool) async {
        var transport = CurlTransport()
        while !tally.withLock({ $0.isOver }) {
            if !keepingConnection {
                await transport.shutdown()
                transport = CurlTransport()
            }
            do {
                let answer = try await forecast(transport)
                tally.withLock { tally in
                    if answer.status == 200 {
                        tally.answers += 1
                    } else {
                        tally.failures.append("\(answer.status): \(String(decoding: answer.body, as: UTF8.self))")
                    }
                }
            } catch {
                tally.withLock { $0.failures.append("\(error)") }
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
        await transport.shutdown()
    }

    private func forecast(_ transport: CurlTransport) async throws -> HTTPResponse {
        try await transport.send(
            HTTPRequest(
                method: "POST",
                url: url,
                headers: [HTTPHeader("Content-Type", "application/json")],
                body: bodies[tally.withLock { $0.answers } % bodies.count],
                timeout: .seconds(10)
            )
        )
    }

    /// One forecast's values.
    func once() async throws -> [Double] {
        struct Answer: Decodable { var predictions: [[Double]] }
        return try JSONDecoder().decode(Answer.self, from: try await answer().body).predictions.first ?? []
    }

    /// One answer, whatever it is.
    func answer() async throws -> HTTPResponse {
        let transport = CurlTransport()
        let answer = try await forecast(transport)
        await transport.shutdown()
        return answer
    }
}
