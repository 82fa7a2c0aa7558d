// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting
internal import Parquet

/// One read: the row groups of one file after the other become the rows of a frame.
struct ParquetReading {
    private let request: ParquetSource
    /// All files together, for messages.
    private let source: String
    private let progress: @Sendable (Int) -> Void
    private let thread = BlockingThread(label: "almanac.parquet.rows")
    private var whole: ParquetRows.Part
    /// How many rows went to the sink.
    private var takenCount = 0
    private var labels: SeriesLabelStore
    /// The columns of the first file, which those of others have to be like.
    private var first: ParquetRows?

    /// Throws `ConnectorError.badSpecification` where no columns are wanted, or the timestamps as numbers.
    init(
        _ request: ParquetSource,
        source: String,
        progress: @escaping @Sendable (Int) -> Void
    ) throws(ConnectorError) {
        guard !request.values.isEmpty, !request.values.contains(request.timestamp) else {
            throw .badSpecification(field: "values", problem: "name at least one column other than the timestamps")
        }
        var seen = Set(request.values + [request.timestamp])
        for name in request.groupBy where !seen.insert(name).inserted {
            throw .badSpecification(field: "groupBy", problem: "column '\(name)' is named twice")
        }
        self.request = request
        self.source = source
        self.progress = progress
        whole = ParquetRows.Part(columns: Array(repeating: [], count: request.values.count))
        labels = SeriesLabelStore(groupBy: request.groupBy)
    }

    /// Reads a file.
    mutating func add(_ input: any ParquetInput, source: String) async throws(ConnectorError) {
        let file = try await failing(source) { () async throws(ParquetError) in try await ParquetFile(input) }
        let folders = try PathGroups(source, groupBy: request.groupBy, source: source)
        let rows = try ParquetRows(request, file, folders, source: source, like: first)
        first = first ?? rows
        let wanted = try await wantedGroups(of: file, source)
        // A claim of the footer, so it is believed only so far.
        if request.sink == nil {
            whole.reserve(whole.times.count + min(wanted.reduce(0) { $0 + file.rowGroups[$1] }, 1 << 24))
        }
        var next = 0
        for (group, count) in file.rowGroups.enumerated() {
            let start = next
            next += count
            guard wanted.contains(group) else { continue }
            if Task.isCancelled { throw .cancelled }
            let columns = try await failing(source) { () async throws(ParquetError) in
                try await file.read(rowGroup: group, columns: rows.names, threads: request.threads)
            }
            var part = try await thread.run { () throws(ConnectorError) in try rows.part(columns, from: start) }
            try label(&part, source)
            whole.append(part)
            progress(takenCount + whole.times.count)
            guard let sink = request.sink else { continue }
            let piece = try takeRows()
            try await thread.run { () throws(ConnectorError) in sink(piece) }
        }
    }

    /// All rows, of which there must be one.
    mutating func rows() async throws(ConnectorError) -> SeriesRows {
        // Both on one time line would be a guess.
        guard whole.offsets.count < 2 else {
            let problem = "has timestamps with and without a UTC offset; write all or none with one"
            throw .badData(BadData(problem, column: request.timestamp, source: source))
        }
        guard takenCount + whole.times.count > 0 else { throw nothing }
        let rows = try takeRows()
        guard let localTimes = request.localTimes else { return rows }
        return try await resolved(rows, localTimes)
    }

    /// Gives the rows away that were read since this was last asked.
    private mutating func takeRows() throws(ConnectorError) -> SeriesRows {
        let found = labels.labels()
        let (times, columns) = whole.takeRows()
        takenCount += times.count
        do {
            let frame = try TimeSeriesFrame(timestamps: times, names: request.values, columns: columns)
            return SeriesRows(frame, labels: found)
        } catch {
            throw .badSpecification(field: "values", problem: error.description)
        }
    }

    /// The rows at the instants that they mean, and of them those that are wanted.
    private func resolved(_ rows: SeriesRows, _ localTimes: LocalTimestamps) async throws(ConnectorError) -> SeriesRows
    {
        let isLocal = first?.hasLocalTimes ?? whole.offsets.contains(false)
        // Rows are not numbered: they are not all that the files hold.
        let place = BadData("", column: request.timestamp, source: source)
        let wanted = request.times
        let found = try await thread.run { () throws(ConnectorError) in
            let resolved = isLocal ? try localTimes.resolved(rows) { _ in place } : rows
            return wanted.map(resolved.within) ?? resolved
        }
        guard found.frame.rowCount > 0 else { throw nothing }
        return found
    }

    /// What is said where no row is left.
    private var nothing: ConnectorError {
        guard let wanted = request.times else { return .badData(BadData("there is no row of data", source: source)) }
        let (from, to) = (UTCTime(seconds: wanted.lowerBound), UTCTime(seconds: wanted.upperBound))
        return .noData(source: source, hint: "no row lies from \(from) to \(to)")
    }

    /// Takes the series of a row group's rows.
    private mutating func label(_ part: inout ParquetRows.Part, _ source: String) throws(ConnectorError) {
        if let (row, column) = labels.learn(&part.texts) {
            let problem = "row \(row + 1): \(SeriesText.tooMany(by: request.groupBy))"
            throw .badData(BadData(problem, column: column.map { request.groupBy[$0] }, source: source))
        }
        labels.append(part.series, of: part.texts)
    }

    /// The row groups that may hold times that are wanted.
    private func wantedGroups(of file: ParquetFile, _ source: String) async throws(ConnectorError) -> Set<Int> {
        guard let times = request.candidates else { return Set(file.rowGroups.indices) }
        return try await failing(source) { () throws(ParquetError) in
            Set(try file.rowGroups(holding: times, in: request.timestamp))
        }
    }

    private func failing<Value>(
        _ source: String,
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
