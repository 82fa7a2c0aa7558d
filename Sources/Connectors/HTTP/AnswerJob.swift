// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import HTTPTransport
internal import Synchronization

/// One answer in progress: feeds a parser on a thread of its own.
///
/// The thread runs one call after the other, so the lock is never waited for; it is there for the compiler to see
/// that no two threads can meet in the parser.
final class AnswerJob<Parser: AnswerParser>: Sendable {
    /// Small pieces from the network are joined up to this size, so that each hop between threads is worth it.
    private static var pieceSize: Int { 256 * 1024 }

    private let thread = BlockingThread(label: "almanac.answer")
    private let parser: Mutex<Parser>
    private let progress: @Sendable (_ rows: Int) -> Void

    /// Prepares for an answer; `progress` is called after every piece and must return fast.
    init(_ parser: Parser, progress: @escaping @Sendable (_ rows: Int) -> Void) {
        self.parser = Mutex(parser)
        self.progress = progress
    }

    /// Sends a request and reads the answer while it comes.
    ///
    /// - Parameters:
    ///   - shown: The URL as messages may show it.
    ///   - refusal: What a status other than 200 means, with the first 64 KiB of the body.
    func run(
        _ request: HTTPRequest,
        over transport: any HTTPTransport,
        shown: String,
        refusal: (_ status: Int, _ body: [UInt8]) -> ConnectorError
    ) async throws(ConnectorError) -> Parser.Product {
        let response: HTTPStreamingResponse
        do {
            response = try await transport.stream(request)
        } catch {
            throw ConnectorError(error, url: shown, field: "url")
        }
        var pieces = Pieces(response.body, shown: shown)
        guard response.status == 200 else {
            throw refusal(response.status, try await pieces.first(64 * 1024))
        }
        while let piece = try await pieces.next(Self.pieceSize) { try await feed(piece) }
        // A cancelled task's stream ends early without an error.
        if Task.isCancelled { throw .cancelled }
        return try await thread.run { () throws(ConnectorError) in
            try self.parser.withLock { parser throws(ConnectorError) in try parser.finish() }
        }
    }

    private func feed(_ piece: [UInt8]) async throws(ConnectorError) {
        let rows = try await thread.run { () throws(ConnectorError) in
            try piece.span.withUnsafeBytes { bytes throws(ConnectorError) in
                try self.parser.withLock { parser throws(ConnectorError) in
                    try parser.feed(bytes)
                    return parser.rowCount
                }
            }
        }
        progress(rows)
    }
}

/// A body's pieces, joined to a size that is worth a hop between threads.
private struct Pieces {
    private var iterator: AsyncThrowingStream<Data, any Error>.Iterator
    private let shown: String

    init(_ body: AsyncThrowingStream<Data, any Error>, shown: String) {
        iterator = body.makeAsyncIterator()
        self.shown = shown
    }

    /// At least `size` bytes, or what is left; nil at the end.
    mutating func next(_ size: Int) async throws(ConnectorError) -> [UInt8]? {
        var collected: [UInt8] = []
        while collected.count < size, let piece = try await one() { collected.append(contentsOf: piece) }
        return collected.isEmpty ? nil : collected
    }

    /// The beginning of a body whose rest is not wanted.
    mutating func first(_ size: Int) async throws(ConnectorError) -> [UInt8] {
        Array(try await next(size)?.prefix(size) ?? [])
    }

    private mutating func one() async throws(ConnectorError) -> Data? {
        do {
            return try await iterator.next(isolation: nil)
        } catch {
            throw ConnectorError(error, url: shown, field: "url")
        }
    }
}
