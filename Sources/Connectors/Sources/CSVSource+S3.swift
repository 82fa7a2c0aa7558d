// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

extension CSVSource {
    /// Reads the objects that a location means, one after the other in the order of their keys, as one table.
    ///
    /// Each object has a header of its own where there are headers; columns may stand in another order, but those that
    /// are read have to be in each. Otherwise as `read(_:progress:)`; problems name the object.
    package func read(
        _ location: S3Location,
        of client: S3Client,
        progress: @escaping @Sendable (CSVProgress) -> Void = { _ in }
    ) async throws(ConnectorError) -> CSVReading {
        try requireTimestamp()
        var whole: CSVReading?
        for key in try await client.keys(of: location) {
            let before = whole?.facts ?? CSVProgress(bytes: 0, rows: 0)
            let job = try job { progress(before + $0) }
            do throws(ConnectorError) {
                var feed = CSVFeed(job)
                try await client.read(key) { piece async throws(ConnectorError) in try await feed.add(piece) }
                try await feed.flush()
                let part = try await job.finish()
                if whole == nil { whole = part } else { try whole?.append(part) }
            } catch {
                guard case .badData(var problem) = error else { throw error }
                problem.source = "s3://\(client.bucket.name)/\(key)"
                throw .badData(problem)
            }
        }
        guard let whole else { throw .sourceNotFound(location: location.description, reason: "no object matches it") }
        return whole
    }
}

extension CSVProgress {
    fileprivate static func + (before: Self, more: Self) -> Self {
        CSVProgress(bytes: before.bytes + more.bytes, rows: before.rows + more.rows)
    }
}

extension CSVReading {
    /// Puts the rows of another table below these.
    fileprivate mutating func append(_ part: CSVReading) throws(ConnectorError) {
        do {
            let below = try part.frame.selecting(frame.names)
            frame = try TimeSeriesFrame(
                timestamps: frame.timestamps + below.timestamps,
                names: frame.names,
                columns: zip(frame.columns, below.columns).map { $0 + $1 }
            )
        } catch {
            throw .badData(BadData(error.description))
        }
        facts = facts + part.facts
    }
}
