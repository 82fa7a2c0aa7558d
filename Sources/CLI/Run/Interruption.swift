// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Dispatch
import Foundation

/// Turns SIGINT and SIGTERM into cancellation, so that children are stopped before this process ends.
enum Interruption {
    /// Runs some work; a signal cancels it.
    ///
    /// Work that takes its cancellation for an ordinary end still returns its value; other work ends the program with
    /// the status that shells give to signals.
    static func cancelling<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Event<Value>.self) { group in
            group.addTask { .done(try await work()) }
            group.addTask { .signal(await next()) }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            switch first {
            case .done(let value): return value
            case .signal(let number):
                group.cancelAll()
                if case .done(let value)? = try? await group.next() { return value }
                throw ExitCode(128 + number)
            }
        }
    }

    private enum Event<Value: Sendable>: Sendable {
        case done(Value)
        case signal(Int32)
    }

    private static func next() async -> Int32 {
        let (signals, sink) = AsyncStream<Int32>.makeStream()
        let sources = [SIGINT, SIGTERM].map { number in
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { sink.yield(number) }
            source.resume()
            return source
        }
        defer { sources.forEach { $0.cancel() } }
        for await number in signals { return number }
        return SIGTERM
    }
}
