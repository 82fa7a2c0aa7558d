// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting
internal import Parquet

/// Turns the columns of row groups into times and numbers.
struct ParquetRows: Sendable {
    /// Some rows: seconds since 1970-01-01T00:00:00Z, and numbers column by column.
    struct Part: Sendable {
        var times: [Int64] = []
        var columns: [[Double]]
        /// Whether timestamps are written with a UTC offset, without, or both; empty where that is no question.
        var offsets: Set<Bool> = []
        /// What tells series apart, as `SeriesTexts.tables` makes it, and by row the number of its series.
        var texts: [SeriesTexts] = []
        var series: [Int32] = []

        mutating func reserve(_ rows: Int) {
            times.reserveCapacity(rows)
            for index in columns.indices { columns[index].reserveCapacity(rows) }
        }

        /// Gives the rows away, but not their series.
        mutating func takeRows() -> (times: [Int64], columns: [[Double]]) {
            let rows = (times, columns)
            (times, columns) = ([], columns.map { _ in [] })
            return rows
        }

        /// Adds the rows of another part, but not their series.
        mutating func append(_ other: Part) {
            times += other.times
            offsets.formUnion(other.offsets)
            for (index, column) in other.columns.enumerated() { columns[index] += column }
        }
    }

    private let source: String
    private let time: ParquetColumn
    private let values: [ParquetColumn]
    private let groups: [ParquetColumn]
    private let folders: PathGroups
    private let wanted: ClosedRange<Int64>?
    private let parser: TimestampParser

    private var all: [ParquetColumn] { [time] + values + groups }

    /// The columns to read: the timestamps, then the values, then what tells series apart.
    var names: [String] { all.map(\.name) }

    /// Whether the column of timestamps is of local times; nil where its texts have to tell.
    var hasLocalTimes: Bool? {
        switch time.kind {
        case .string: nil
        case .date, .timestamp(_, isUTC: false): true
        default: false
        }
    }

    /// Looks the columns up and checks their types, before any of them is read.
    ///
    /// Throws `ConnectorError.badData` with the column and its type.
    /// - Parameters:
    ///   - folders: The grouping columns that the file does not have.
    ///   - other: The columns of another file, whose rows these will stand below.
    init(
        _ request: ParquetSource,
        _ file: ParquetFile,
        _ folders: PathGroups,
        source: String,
        like other: ParquetRows?
    ) throws(ConnectorError) {
        self.source = source
        self.folders = folders
        wanted = request.candidates
        parser = try TimestampParser(request.timestampFormat)
        do throws(ParquetError) {
            time = try file.column(request.timestamp)
            values = try request.values.map { name throws(ParquetError) in try file.column(name) }
            groups = try folders.inFile.map { name throws(ParquetError) in try file.column(name) }
        } catch {
            throw ConnectorError(error, source: source)
        }
        if let other { try check(like: other) }
        for column in values where !column.kind.isNumeric {
            throw problem("has the type \(column.kind), and a value must be a number", column)
        }
        for column in groups where !column.kind.canGroup {
            throw problem(
                "has the type \(column.kind); series are told apart by text, whole numbers or booleans",
                column
            )
        }
        switch (time.kind, request.timestampFormat) {
        case (.date, _), (.timestamp, _), (.int96, _), (.string, _), (.integer, .unixSeconds),
            (.integer, .unixMilliseconds):
            break
        case (.integer, _):
            throw problem(
                "has the type \(time.kind); set the timestamp format to UnixSeconds or UnixMilliseconds",
                time
            )
        default: throw problem("has the type \(time.kind), which holds no timestamps", time)
        }
    }

    /// The rows of a row group that are wanted. `first` is the number of rows before them.
    func part(_ columns: [ParquetValues], from first: Int) throws(ConnectorError) -> Part {
        guard let stamps = columns.first else { return Part(columns: []) }
        var offsets: Set<Bool> = []
        let times = try seconds(stamps, from: first, &offsets)
        var numbers: [[Double]] = []
        for column in columns.dropFirst().prefix(values.count) {
            guard let values = column.numbers() else {
                throw problem("has numbers of more than 38 digits", column.column)
            }
            numbers.append(values)
        }
        var part = Part(times: times, columns: numbers, offsets: offsets)
        var kept: [Int]?
        if let wanted, !times.allSatisfy(wanted.contains) {
            let rows = times.indices.filter { wanted.contains(times[$0]) }
            part.times = rows.map { times[$0] }
            part.columns = numbers.map { column in rows.map { column[$0] } }
            kept = rows
        }
        let labels = columns.dropFirst(1 + values.count).map { ParquetLabels(of: $0, source: source) }
        (part.texts, part.series) = try folders.numbered(labels, kept ?? Array(times.indices), from: first)
        return part
    }

    /// Refuses columns that mean something else than those of another file; numbers may be of any size, and times of any
    /// unit.
    private func check(like other: ParquetRows) throws(ConnectorError) {
        let others = Dictionary(other.all.map { ($0.name, $0) }) { first, _ in first }
        for own in all {
            guard let before = others[own.name], own.kind.family != before.kind.family else { continue }
            throw problem("has the type \(own.kind), and in \(other.source) it has the type \(before.kind)", own)
        }
    }

    // MARK: Timestamps

    private func seconds(
        _ values: ParquetValues,
        from first: Int,
        _ offsets: inout Set<Bool>
    ) throws(ConnectorError) -> [Int64] {
        if let missing = values.isPresent?.firstIndex(of: false) {
            throw problem("the timestamp is missing", time, row: first + missing)
        }
        let times: [Int64]
        if let known = values.seconds() {
            if let row = known.firstFraction { throw problem(.fractionOfSecond, row: first + row) }
            times = known.seconds
        } else if case .texts(let texts) = values.storage {
            times = try parse(texts, from: first, &offsets)
        } else {
            times = try unixTimes(values, from: first)
        }
        if let row = times.firstIndex(where: { !CivilTime.range.contains($0) }) {
            throw problem(.outOfRange, row: first + row)
        }
        return times
    }

    private func parse(
        _ texts: ParquetTexts,
        from first: Int,
        _ offsets: inout Set<Bool>
    ) throws(ConnectorError) -> [Int64] {
        var times: [Int64] = []
        times.reserveCapacity(texts.count)
        for row in 0..<texts.count {
            let text = texts[row]
            do throws(TimestampProblem) {
                let stamp = try text.span.withUnsafeBytes { bytes throws(TimestampProblem) in
                    try parser.parse(bytes.trimmed)
                }
                if let hasOffset = stamp.hasOffset { offsets.insert(hasOffset) }
                times.append(stamp.seconds)
            } catch {
                throw problem(error, row: first + row, text: text)
            }
        }
        return times
    }

    private func unixTimes(_ values: ParquetValues, from first: Int) throws(ConnectorError) -> [Int64] {
        let perSecond: Int64 = parser.format == .unixMilliseconds ? 1000 : 1
        let units: [Int64]
        switch (values.storage, values.column.kind) {
        case (.int32(let all), .integer(_, false)): units = all.map { Int64(UInt32(bitPattern: $0)) }
        case (.int32(let all), _): units = all.map { Int64($0) }
        // Beyond Int64's range is beyond the years that are known, too.
        case (.int64(let all), .integer(_, false)): units = all.map { Int64(clamping: UInt64(bitPattern: $0)) }
        case (.int64(let all), _): units = all
        default: units = []
        }
        if let row = units.firstIndex(where: { $0 % perSecond != 0 }) {
            throw problem(.fractionOfSecond, row: first + row)
        }
        return perSecond == 1 ? units : units.map { $0 / perSecond }
    }

    // MARK: Problems

    private func problem(_ text: String, _ column: ParquetColumn, row: Int? = nil) -> ConnectorError {
        let place = row.map { "row \($0 + 1): " } ?? ""
        return .badData(BadData(place + text, column: column.name, source: source))
    }

    private func problem(
        _ problem: TimestampProblem,
        row: Int,
        text: ArraySlice<UInt8>? = nil
    ) -> ConnectorError {
        let message = "row \(row + 1): \(problem.message(format: parser.format))"
        return .badData(BadData(message, column: time.name, text: text.map(BadData.excerpt), source: source))
    }
}

extension ParquetKind {
    /// Whether each value is a text, or is written as one without a doubt.
    fileprivate var canGroup: Bool {
        switch self {
        case .string, .bytes, .integer, .boolean: true
        case .float16, .float, .double, .decimal, .date, .time, .timestamp, .int96: false
        }
    }

    /// Kinds whose values can stand below each other in one column.
    fileprivate enum Family { case truth, number, text, day, timeOfDay, instant, localTime }

    fileprivate var family: Family {
        switch self {
        case .boolean: .truth
        case .integer, .float16, .float, .double, .decimal: .number
        case .string, .bytes: .text
        case .date: .day
        case .time: .timeOfDay
        case .int96, .timestamp(_, isUTC: true): .instant
        case .timestamp(_, isUTC: false): .localTime
        }
    }
}
