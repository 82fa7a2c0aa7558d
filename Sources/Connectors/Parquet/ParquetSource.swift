// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Forecasting
internal import Foundation
package import HTTPTransport
internal import Parquet

/// Reads time series from Parquet files on a disk, an HTTP server or in a bucket.
///
/// One row group is held at a time, beside the rows that are made of them; of a bucket, and of a server that knows
/// ranges, only the wanted columns are fetched.
package struct ParquetSource: Sendable {
    /// The column of timestamps.
    package var timestamp: String
    /// How timestamps are written where they are text or whole numbers; a column of dates or timestamps says it itself.
    package var timestampFormat: TimestampFormat
    /// What timestamps without a zone are; nil for UTC.
    package var localTimes: LocalTimestamps?
    /// The numeric columns, in the order in which they are wanted.
    package var values: [String]
    /// The columns of text, whole numbers or booleans that tell series apart; none where all rows are one series.
    package var groupBy: [String]
    /// The times that are wanted, in seconds since 1970-01-01T00:00:00Z; nil for all.
    ///
    /// Row groups that cannot hold any of them are not read.
    package var times: ClosedRange<Int64>?
    /// The times that may turn out to be wanted, as the file writes them.
    var candidates: ClosedRange<Int64>? {
        localTimes == nil ? times : times.map(LocalTimestamps.candidates)
    }
    /// Where rows go as soon as they are read; nil where they are returned. Not beside `localTimes`.
    package var sink: RowSink?
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
        localTimes: LocalTimestamps? = nil,
        values: [String],
        groupBy: [String] = [],
        times: ClosedRange<Int64>? = nil,
        sink: RowSink? = nil,
        threads: Int = 1,
        transport: any HTTPTransport,
        headers: [HTTPHeader] = []
    ) {
        self.timestamp = timestamp
        self.timestampFormat = timestampFormat
        self.localTimes = localTimes
        self.values = values
        self.groupBy = groupBy
        self.times = times
        self.sink = sink
        self.threads = threads
        self.transport = transport
        self.headers = headers
    }

    /// Reads the file at a path, or what an http or https URL gives, in the order of its rows.
    ///
    /// A path that ends with `/` stands for all files below that folder, and a `*` in its last part for any text; they are
    /// read in the order of their paths, as objects of a bucket are. A folder `store=north` gives the rows of the files in it
    /// the text `north` for a grouping column `store`.
    ///
    /// Rows that went to the sink are not returned. `progress` gets the number of rows read so far after each row group.
    ///
    /// Throws `ConnectorError`: `badData` with location, column and its type, and row; `sourceNotFound`;
    /// `sourceUnreachable`; `credentialsRejected`; `badSpecification`; `cancelled`.
    package func read(
        _ location: String,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(ConnectorError) -> SeriesRows {
        let place = try SourceLocation(location)
        var reading = try ParquetReading(self, source: place.description, progress: progress)
        switch place {
        case .file(let path):
            let files = try await BlockingThread(label: "almanac.parquet.files").run { () throws(ConnectorError) in
                try FileListing.files(path)
            }
            for file in files { try await reading.add(try Self.diskFile(file), source: file) }
        case .url(let url):
            let shown = place.description
            let fetch = ParquetFetch(url: url, shown: shown, transport: transport, headers: headers)
            try await reading.add(try await fetch.open(), source: shown)
        }
        return try await reading.rows()
    }

    /// Reads the objects that a location means, one after the other in the order of their keys, as one table.
    ///
    /// The columns that are read have to be in each and of one kind: all numbers, all texts, all times in UTC. Otherwise
    /// as `read(_:progress:)`; a column of another kind is told with both objects.
    package func read(
        _ location: S3Location,
        of client: S3Client,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(ConnectorError) -> SeriesRows {
        var reading = try ParquetReading(self, source: location.description, progress: progress)
        for key in try await client.keys(of: location) {
            let object = try await ParquetObject.open(key, of: client)
            try await reading.add(object, source: object.name)
        }
        return try await reading.rows()
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

extension ConnectorError {
    /// What a Parquet file's failure means for whoever reads a source.
    init(_ error: ParquetError, source: String) {
        switch error {
        case .unreadable(_, let reason): self = .sourceUnreachable(url: source, reason: reason)
        default: self = .badData(BadData(error.description))
        }
    }
}
