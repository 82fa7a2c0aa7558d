// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Forecasting
internal import Foundation
package import HTTPTransport

/// How far a read has come.
package struct CSVProgress: Sendable, Equatable {
    /// Bytes taken from the file or the network, before any unpacking.
    package var bytes: Int64
    /// Data rows read, wanted or not.
    package var rows: Int
}

/// What a read gave.
package struct CSVReading: Sendable {
    /// The rows that are wanted, in the order of the source, which need not be the order of time; none that a sink took.
    package var rows: SeriesRows
    /// How much was read in all, wanted or not.
    package var facts: CSVProgress
    /// Whether timestamps say how far from UTC they are; nil where their format leaves no choice.
    package var timesHaveOffset: Bool?

    /// The rows without their labels.
    package var frame: TimeSeriesFrame { rows.frame }
}

/// Reads CSV text, packed with gzip or not, from a file or an HTTP server.
package struct CSVSource: Sendable {
    /// How long a server may stay silent.
    package static let idleTimeout = Duration.seconds(30)

    private let options: CSVOptions
    private let selection: CSVSelection
    private let localTimes: LocalTimestamps?
    private let times: ClosedRange<Int64>?
    /// Where rows go as soon as they are read; nil where they are returned.
    let sink: RowSink?
    private let threads: Int
    private let transport: any HTTPTransport
    private let headers: [HTTPHeader]

    /// Prepares reads.
    ///
    /// `localTimes` says what timestamps without an offset are; nil for UTC. `times` are those that are wanted, in seconds
    /// since 1970-01-01T00:00:00Z, nil for all: other rows are read, for they may be wrong, and dropped at once, but for those
    /// that local times need. `sink` gets rows as soon as they are read, which are not returned then, and is not for local
    /// times, which wait for all rows. `threads` is how many processors parsing may keep busy. `headers` go with every request,
    /// for instance credentials; messages never hold them.
    package init(
        options: CSVOptions = CSVOptions(),
        selection: CSVSelection,
        localTimes: LocalTimestamps? = nil,
        times: ClosedRange<Int64>? = nil,
        sink: RowSink? = nil,
        threads: Int = 1,
        transport: any HTTPTransport,
        headers: [HTTPHeader] = []
    ) {
        precondition(
            localTimes == nil || sink == nil,
            "CSVSource: local times can only be told once all rows are there"
        )
        self.options = options
        self.selection = selection
        self.localTimes = localTimes
        self.times = times
        self.sink = sink
        self.threads = threads
        self.transport = transport
        self.headers = headers
    }

    /// Reads the file at a path, or what an http or https URL gives.
    ///
    /// A path that ends with `/` stands for all files below that folder, and a `*` in its last part for any text; they are
    /// read in the order of their paths, as objects of a bucket are. A folder `store=north` gives the rows of the files in it
    /// the text `north` for a grouping column `store`.
    ///
    /// `progress` is called from another thread after every piece of about 256 KiB and must return fast. Reading and
    /// parsing run on threads of their own; cancelling the task stops them within one piece. Where no row is wanted, none is
    /// returned.
    ///
    /// Throws `ConnectorError`: `badData` with location, line, column and text; `sourceNotFound`; `sourceUnreachable`
    /// for a server that cannot be reached, stays silent for 30 s or says "later"; `credentialsRejected`;
    /// `badSpecification` for options that cannot be used; `cancelled`.
    package func read(
        _ location: String,
        progress: @escaping @Sendable (CSVProgress) -> Void = { _ in }
    ) async throws(ConnectorError) -> CSVReading {
        let place = try SourceLocation(location)
        try requireTimestamp()
        let whole: CSVReading?
        switch place {
        case .file(let path):
            let files = try await BlockingThread(label: "almanac.csv.files").run { () throws(ConnectorError) in
                try FileListing.files(path)
            }
            whole = try await read(files, progress) { file, job async throws(ConnectorError) in
                try await job.read(file)
            } named: {
                $0
            }
        case .url(let url):
            whole = try await read([url], progress) { url, job async throws(ConnectorError) in
                try await fetch(url, shownAs: place.description, into: job)
            } named: { _ in
                place.description
            }
        }
        guard let whole else { throw .sourceNotFound(location: place.description, reason: "there is nothing") }
        return whole
    }

    func requireTimestamp() throws(ConnectorError) {
        guard selection.timestamp != nil else {
            throw .badSpecification(field: "timestamp", problem: "a time series needs a column of timestamps")
        }
    }

    /// What tells series apart.
    var groupBy: [String] { selection.groupBy }

    /// A read of one file, which has these grouping columns.
    func job(
        _ groupBy: [String],
        _ sink: RowSink?,
        _ progress: @escaping @Sendable (CSVProgress) -> Void
    ) throws(ConnectorError) -> CSVReadJob {
        var selection = selection
        selection.groupBy = groupBy
        let wanted = localTimes == nil ? times : times.map(LocalTimestamps.candidates)
        return CSVReadJob(
            pipeline: try CSVPipeline(options: options, selection: selection, wanted: wanted, threads: threads),
            sink: sink,
            progress: progress
        )
    }

    /// The rows at the instants that they mean, where their timestamps are local times, and of them those that are wanted.
    func resolved(_ parts: consuming CSVParts) async throws(ConnectorError) -> CSVReading? {
        let files = parts.files
        guard var reading = try parts.whole() else { return nil }
        guard let localTimes else { return reading }
        let (rows, isLocal) = (reading.rows, reading.timesHaveOffset == false)
        let (times, column) = (times, selection.timestamp)
        reading.rows = try await BlockingThread(label: "almanac.csv.times").run { () throws(ConnectorError) in
            guard isLocal else { return times.map(rows.within) ?? rows }
            let resolved = try localTimes.resolved(rows) { row in
                let file = files.last { $0.firstRow <= row }
                let place = file.map { $0.kept.row(row - $0.firstRow) } ?? row
                return BadData("row \(place + 1): ", column: column, source: file?.name)
            }
            return times.map(resolved.within) ?? resolved
        }
        return reading
    }

    // MARK: HTTP

    private func fetch(_ url: String, shownAs shown: String, into job: CSVReadJob) async throws(ConnectorError) {
        let request = HTTPRequest(url: url, headers: headers, timeout: nil, idleTimeout: Self.idleTimeout)
        let response: HTTPStreamingResponse
        do {
            response = try await transport.stream(request)
        } catch {
            throw ConnectorError(error, url: shown, field: "location")
        }
        if let refusal = Self.refusal(response.status, url: shown) { throw refusal }

        var pieces = response.body.makeAsyncIterator()
        var feed = CSVFeed(job)
        while true {
            let piece: Data?
            do {
                piece = try await pieces.next()
            } catch {
                throw ConnectorError(error, url: shown, field: "location")
            }
            guard let piece else { break }
            try await feed.add(piece)
        }
        // A cancelled task's stream ends early without an error.
        if Task.isCancelled { throw .cancelled }
        try await feed.flush()
    }

    /// What a status other than 200 means.
    static func refusal(_ status: Int, url: String) -> ConnectorError? {
        switch status {
        case 200: nil
        case 401, 403: .credentialsRejected(url: url, status: status)
        case 404, 410: .sourceNotFound(location: url, reason: "the server answered with status \(status)")
        case 408, 425, 429, 500...599: .sourceUnreachable(url: url, reason: "the server answered with status \(status)")
        default: .badSpecification(field: "location", problem: "\(url) answered with status \(status), not 200")
        }
    }
}
