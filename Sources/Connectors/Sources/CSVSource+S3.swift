// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

extension CSVSource {
    /// Reads the objects that a location means, one after the other in the order of their keys, as one table.
    ///
    /// Each object has a header of its own where there are headers; columns may stand in another order, but those that
    /// are read have to be in each. Otherwise as `read(_:progress:)`; problems name the object, and the first one too
    /// where it was the other way there.
    package func read(
        _ location: S3Location,
        of client: S3Client,
        progress: @escaping @Sendable (CSVProgress) -> Void = { _ in }
    ) async throws(ConnectorError) -> CSVReading {
        try requireTimestamp()
        let keys = try await client.keys(of: location)
        let whole = try await read(keys, progress) { key, job async throws(ConnectorError) in
            var feed = CSVFeed(job)
            try await client.read(key) { piece async throws(ConnectorError) in try await feed.add(piece) }
            try await feed.flush()
        } named: {
            "s3://\(client.bucket.name)/\($0)"
        }
        guard let whole else {
            throw .sourceNotFound(location: location.description, reason: "no object matches it")
        }
        return whole
    }

    /// Reads files or objects as one table; nil where there are none.
    func read(
        _ places: [String],
        _ progress: @escaping @Sendable (CSVProgress) -> Void,
        _ fill: (_ place: String, _ job: CSVReadJob) async throws(ConnectorError) -> Void,
        named name: (String) -> String
    ) async throws(ConnectorError) -> CSVReading? {
        var parts = CSVParts()
        for place in places {
            let before = parts.facts
            let folders = try PathGroups(place, groupBy: groupBy, source: name(place))
            let sink: RowSink? = sink.map { sink in { @Sendable rows in sink(folders.completed(rows)) } }
            let job = try job(folders.inFile, sink) { progress(before + $0) }
            do throws(ConnectorError) {
                try await fill(place, job)
                var (part, kept) = try await job.finish()
                part.rows = folders.completed(part.rows)
                try parts.append(part, kept, from: name(place))
            } catch {
                throw parts.located(error, in: name(place))
            }
        }
        return try await resolved(parts)
    }
}
