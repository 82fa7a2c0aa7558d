// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// `almanac-worker serve` as a child process, up for as long as somebody uses it.
struct LocalService: Sendable {
    /// The worker program.
    let worker: URL
    /// Folder of the store.
    let store: URL
    /// The model's path in the store.
    let model: String
    /// The model's name in URLs.
    let name: String

    private static let greeting = "listening on "

    private enum Event: Sendable {
        case listening(String)
        case ended(ChildProcess.Ending)
    }

    /// Starts the service, hands its address to `body` once it listens, and stops it afterwards.
    func whileUp<Value: Sendable>(_ body: @escaping @Sendable (_ address: String) async throws -> Value) async throws
        -> Value
    {
        let process = ChildProcess(
            executable: worker,
            arguments: [
                "serve", "--store", store.path, "--model", model, "--name", name,
                "--host", "127.0.0.1", "--port", "0", "--drain-seconds", "0",
            ]
        )
        let (events, sink) = AsyncStream<Event>.makeStream()
        let tail = LastLines()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let ending = try await process.run { line in
                    guard case .output(let text) = line, text.hasPrefix(Self.greeting) else {
                        if case .error(let text) = line { tail.add(text) }
                        return
                    }
                    sink.yield(.listening(String(text.dropFirst(Self.greeting.count))))
                }
                sink.yield(.ended(ending))
                sink.finish()
            }
            let value = try await use(events, tail, body)
            group.cancelAll()
            try await group.waitForAll()
            return value
        }
    }

    private func use<Value>(
        _ events: AsyncStream<Event>,
        _ tail: LastLines,
        _ body: (String) async throws -> Value
    ) async throws -> Value {
        for await event in events {
            switch event {
            case .listening(let address): return try await body(address)
            case .ended:
                let said = tail.text
                throw CLIError.serviceFailed(reason: said.isEmpty ? "it ended before it listened" : said)
            }
        }
        try Task.checkCancellation()
        throw CLIError.serviceFailed(reason: "it could not be started")
    }
}
