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
        var parts = CSVParts()
        for key in try await client.keys(of: location) {
            let before = parts.whole?.facts ?? CSVProgress(bytes: 0, rows: 0)
            let job = try job { progress(before + $0) }
            let name = "s3://\(client.bucket.name)/\(key)"
            do throws(ConnectorError) {
                var feed = CSVFeed(job)
                try await client.read(key) { piece async throws(ConnectorError) in try await feed.add(piece) }
                try await feed.flush()
                try parts.append(try await job.finish(), from: name)
            } catch {
                throw parts.located(error, in: name)
            }
        }
        guard let whole = parts.whole else {
            throw .sourceNotFound(location: location.description, reason: "no object matches it")
        }
        return whole
    }
}

/// Files of one table, put below each other.
private struct CSVParts {
    /// All rows so far; nil before the first file.
    private(set) var whole: CSVReading?
    private var first = ""

    /// Puts the rows of another file below these.
    mutating func append(_ part: CSVReading, from name: String) throws(ConnectorError) {
        guard var whole = whole.take() else {
            (whole, first) = (part, name)
            return
        }
        if let own = part.timesHaveOffset, let others = whole.timesHaveOffset, own != others {
            let problem = "timestamps \(own ? "have a" : "lack the") UTC offset, unlike in \(first)"
            throw .badData(BadData("\(problem); write all or none with one"))
        }
        do {
            let below = try part.frame.selecting(whole.frame.names)
            whole.frame = try TimeSeriesFrame(
                timestamps: whole.frame.timestamps + below.timestamps,
                names: below.names,
                columns: zip(whole.frame.columns, below.columns).map { $0 + $1 }
            )
        } catch {
            throw .badData(BadData(error.description))
        }
        whole.facts = whole.facts + part.facts
        self.whole = whole
    }

    /// Names the file in a problem; and the first file, where this one is another from its first row on.
    func located(_ error: ConnectorError, in name: String) -> ConnectorError {
        guard case .badData(var problem) = error else { return error }
        problem.source = name
        if !first.isEmpty, let line = problem.line, line <= 2 { problem.problem += ", unlike in \(first)" }
        return .badData(problem)
    }
}

extension CSVProgress {
    fileprivate static func + (before: Self, more: Self) -> Self {
        CSVProgress(bytes: before.bytes + more.bytes, rows: before.rows + more.rows)
    }
}
