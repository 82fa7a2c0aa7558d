// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Forecasting
internal import Foundation
package import HTTPTransport
internal import Parquet

/// Reads time series from a Parquet file on a disk or an HTTP server.
///
/// One row group is held at a time, beside the frame that is made of them; of a server that knows ranges only the
/// wanted columns are fetched.
package struct ParquetSource: Sendable {
    /// The column of timestamps.
    package var timestamp: String
    /// How timestamps are written where they are text or whole numbers; a column of dates or timestamps says it itself.
    package var timestampFormat: TimestampFormat
    /// The numeric columns, in the order in which they are wanted.
    package var values: [String]
    /// The times that are wanted, in seconds since 1970-01-01T00:00:00Z; nil for all.
    ///
    /// Row groups that cannot hold any of them are not read.
    package var times: ClosedRange<Int64>?
    /// How many columns are decoded at a time.
    package var threads: Int
    private let transport: any HTTPTransport
    private let headers: [HTTPHeader]

    /// Prepares reads.
    ///
    /// `headers` go with every request, for instance credentials; messages never hold them.
    package init(
        timestamp: String,
        timestampFormat: TimestampFormat = .automatic,
        values: [String],
        times: ClosedRange<Int64>? = nil,
        threads: Int = 1,
        transport: any HTTPTransport,
        headers: [HTTPHeader] = []
    ) {
        self.timestamp = timestamp
        self.timestampFormat = timestampFormat
        self.values = values
        self.times = times
        self.threads = threads
        self.transport = transport
        self.headers = headers
    }

    /// Reads the file at a path, or what an http or https URL gives, in the order of its rows.
    ///
    /// `progress` gets the number of rows read so far after each row group.
    ///
    /// Throws `ConnectorError`: `badData` with location, column and its type, and row; `sourceNotFound`;
    /// `sourceUnreachable`; `credentialsRejected`; `badSpecification`; `cancelled`.
    package func read(
        _ location: String,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(ConnectorError) -> TimeSeriesFrame {
        guard !values.isEmpty, !values.contains(timestamp) else {
            throw .badSpecification(field: "values", problem: "name at least one column other than the timestamps")
        }
        let input: any ParquetInput
        let place = try SourceLocation(location)
        switch place {
        case .file(let path): input = try Self.diskFile(path)
        case .url(let url):
            let fetch = ParquetFetch(url: url, shown: place.description, transport: transport, headers: headers)
            input = try await fetch.open()
        }
        let reading = ParquetReading(source: place.description)
        return try await reading.frame(self, input, progress)
    }

    private static func diskFile(_ path: String) throws(ConnectorError) -> any ParquetInput {
        do throws(ParquetError) {
            return try ParquetDiskFile(path: path)
        } catch {
            guard case .unreadable(let file, let reason) = error else { throw ConnectorError(error, source: path) }
            throw .sourceNotFound(location: file, reason: reason)
        }
    }
}

/// One read: the file's row groups, one after the other, become a frame.
private struct ParquetReading {
    let source: String
    private let thread = BlockingThread(label: "almanac.parquet.rows")

    init(source: String) { self.source = source }

    func frame(
        _ request: ParquetSource,
        _ input: any ParquetInput,
        _ progress: @Sendable (Int) -> Void
    ) async throws(ConnectorError) -> TimeSeriesFrame {
        let file = try await failing { () async throws(ParquetError) in try await ParquetFile(input) }
        let rows = try ParquetRows(request, file, source: source)
        let wanted = try await wantedGroups(of: file, request)
        var whole = ParquetRows.Part(columns: Array(repeating: [], count: request.values.count))
        // A claim of the footer, so it is believed only so far.
        whole.reserve(min(wanted.reduce(0) { $0 + file.rowGroups[$1] }, 1 << 24))
        var next = 0
        for (group, count) in file.rowGroups.enumerated() {
            let first = next
            next += count
            guard wanted.contains(group) else { continue }
            if Task.isCancelled { throw .cancelled }
            let columns = try await failing { () async throws(ParquetError) in
                try await file.read(rowGroup: group, columns: rows.names, threads: request.threads)
            }
            whole.append(try await thread.run { () throws(ConnectorError) in try rows.part(columns, from: first) })
            progress(whole.times.count)
        }
        return try rows.frame(whole)
    }

    /// The row groups that may hold times that are wanted.
    private func wantedGroups(
        of file: ParquetFile,
        _ request: ParquetSource
    ) async throws(ConnectorError) -> Set<Int> {
        guard let times = request.times else { return Set(file.rowGroups.indices) }
        return try await failing { () throws(ParquetError) in
            Set(try file.rowGroups(holding: times, in: request.timestamp))
        }
    }

    private func failing<Value>(
        _ body: () async throws(ParquetError) -> Value
    ) async throws(ConnectorError) -> Value {
        do throws(ParquetError) {
            return try await body()
        } catch {
            // A cancelled task's requests end early, which looks like a broken connection.
            throw Task.isCancelled ? .cancelled : ConnectorError(error, source: source)
        }
    }
}

extension ConnectorError {
    /// What a Parquet file's failure means for whoever reads a source.
    init(_ error: ParquetError, source: String) {
        switch error {
        case .unreadable(_, let reason): self = .sourceUnreachable(url: source, reason: reason)
        default: self = .badData(BadData(error.description))
        }
    }
}
