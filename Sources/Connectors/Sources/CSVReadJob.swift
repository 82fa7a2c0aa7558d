// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting
internal import Foundation
internal import Synchronization

/// One read in progress: feeds a pipeline on a thread of its own.
///
/// The thread runs one call after the other, so the lock is never waited for; it is there for the compiler to see
/// that no two threads can meet in the pipeline.
final class CSVReadJob: Sendable {
    /// How many numbers are gathered for the sink: 4 MiB.
    private static let pieceCells = 1 << 19

    private let thread = BlockingThread(label: "almanac.csv")
    private let pipeline: Mutex<CSVPipeline?>
    private let sink: RowSink?
    private let progress: @Sendable (CSVProgress) -> Void
    private let isCancelled = Atomic(false)

    /// - Parameter sink: Where rows go; nil where they stay until the end.
    init(
        pipeline: consuming CSVPipeline,
        sink: RowSink?,
        progress: @escaping @Sendable (CSVProgress) -> Void
    ) {
        self.pipeline = Mutex(pipeline)
        self.sink = sink
        self.progress = progress
    }

    /// Takes a whole file.
    func read(_ path: String) async throws(ConnectorError) {
        try await run { () throws(ConnectorError) in
            if self.sink == nil, let size = FileChunks.size(path) { self.pipeline.withLock { $0?.expect(size) } }
            try FileChunks.read(path) { piece throws(ConnectorError) in try self.take(piece) }
        }
    }

    /// Takes one piece of a source.
    func feed(_ piece: Data) async throws(ConnectorError) {
        try await run { () throws(ConnectorError) in
            try Array(piece).span.withUnsafeBytes { bytes throws(ConnectorError) in try self.take(bytes) }
        }
    }

    /// Ends the read; gives the rows, but for those that went to the sink, and which rows of the text were kept.
    func finish() async throws(ConnectorError) -> (reading: CSVReading, kept: KeptRows) {
        try await run { () throws(ConnectorError) in
            try self.pipeline.withLock { pipeline throws(ConnectorError) in
                guard let ending = pipeline.take() else { throw .cancelled }
                let bytes = ending.byteCount
                let table = try ending.finish()
                let (timesHaveOffset, kept) = (table.timesHaveOffset, table.kept)
                let facts = CSVProgress(bytes: bytes, rows: kept.total)
                var rows = try table.rows()
                if let sink = self.sink {
                    sink(rows)
                    rows = rows.picking([])
                }
                return (CSVReading(rows: rows, facts: facts, timesHaveOffset: timesHaveOffset), kept)
            }
        }
    }

    /// Takes bytes on the job's thread.
    private func take(_ piece: UnsafeRawBufferPointer) throws(ConnectorError) {
        if isCancelled.load(ordering: .relaxed) { throw .cancelled }
        let reached = try pipeline.withLock { pipeline throws(ConnectorError) in
            try pipeline?.feed(piece)
            if let sink, pipeline?.cellCount ?? 0 >= Self.pieceCells, let table = try pipeline?.takeRows() {
                sink(try table.rows())
            }
            return pipeline?.progress
        }
        if let reached { progress(reached) }
    }

    private func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(ConnectorError) -> Value
    ) async throws(ConnectorError) -> Value {
        let outcome: Result<Value, ConnectorError> = await withTaskCancellationHandler {
            await self.outcome(of: work)
        } onCancel: {
            isCancelled.store(true, ordering: .relaxed)
        }
        return try outcome.get()
    }

    private func outcome<Value: Sendable>(
        of work: @escaping @Sendable () throws(ConnectorError) -> Value
    ) async -> Result<Value, ConnectorError> {
        do throws(ConnectorError) {
            return .success(try await thread.run(work))
        } catch {
            return .failure(error)
        }
    }
}
