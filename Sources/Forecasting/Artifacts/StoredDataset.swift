// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Prepared data as it lies in the store.
///
/// In the file, the rows of the series follow each other in the order of the keys: those that were observed, then those to
/// come. Where the data is grouped, `offsets` has the first row of each series and `observed` the number of rows that were
/// observed, and the metadata has the grouping columns and the keys. Where it is not, the file says nothing of series, and
/// its reference says how many rows were observed.
package struct StoredDataset: Sendable {
    /// The rows that were observed.
    package let panel: Panel
    /// By series: the rows behind them, in which just columns that are known ahead have values; nil where no series has any.
    package let ahead: [TimeSeriesFrame]?
    /// The step from row to row.
    package let frequency: Frequency

    private static let timestampsName = "timestamps"
    private static let offsetsName = "offsets"
    private static let observedName = "observed"
    private static let columnPrefix = "column:"
    private static let frequencyKey = "frequency"
    private static let groupByKey = "groupBy"
    private static let keysKey = "keys"

    /// Data to store.
    /// - Throws: `ForecastingError.invalidFrame` where a series has no rows, or other columns ahead.
    init(panel: Panel, ahead: [TimeSeriesFrame]?, frequency: Frequency) throws(ForecastingError) {
        for (place, series) in panel.series.enumerated() {
            guard series.frame.rowCount > 0 else {
                throw ForecastingError.invalidFrame(reason: "it has no rows").named(series.key, panel.groupBy)
            }
            guard let ahead else { continue }
            guard ahead.count == panel.series.count, ahead[place].names == panel.names else {
                throw ForecastingError.invalidFrame(reason: "the rows to come are not of its columns")
                    .named(series.key, panel.groupBy)
            }
        }
        self.panel = panel
        self.ahead = ahead?.contains { $0.rowCount > 0 } == true ? ahead : nil
        self.frequency = frequency
    }

    /// The number of rows, the first and the last time of those that were observed, in the words of a reference.
    func reference(digest: String) -> DatasetReference {
        let times = panel.series.map(\.frame.timestamps)
        return DatasetReference(
            digest: digest,
            rows: panel.rowCount,
            from: UTCTime.text(times.compactMap(\.first).min() ?? 0),
            to: UTCTime.text(times.compactMap(\.last).max() ?? 0),
            series: panel.groupBy.isEmpty ? nil : panel.series.count
        )
    }

    // MARK: The file

    /// The file, which shares the columns; the same data always gives the same one.
    /// - Throws: `ForecastingError.invalidSafetensors`.
    func encoded() throws(ForecastingError) -> SegmentedBytes {
        var parts: [TimeSeriesFrame] = []
        for (place, series) in panel.series.enumerated() {
            parts.append(series.frame)
            if let ahead { parts.append(ahead[place]) }
        }
        let shape = [parts.reduce(0) { $0 + $1.rowCount }]
        var tensors = [TensorParts(Self.timestampsName, shape: shape, .int64, parts.map { .int64($0.timestamps) })]
        for (index, name) in panel.names.enumerated() {
            let columns = parts.map { NamedTensor.Values.float64($0.columns[index]) }
            tensors.append(TensorParts(Self.columnPrefix + name, shape: shape, .float64, columns))
        }
        var metadata = [Self.frequencyKey: frequency.description]
        if !panel.groupBy.isEmpty {
            metadata[Self.groupByKey] = try Self.text(panel.groupBy)
            metadata[Self.keysKey] = try Self.text(panel.series.map(\.key))
            tensors += borders.map(TensorParts.init)
        }
        return try SafetensorsFile.encoded(tensors, metadata)
    }

    private var borders: [NamedTensor] {
        let observed = panel.series.map { Int64($0.frame.rowCount) }
        var offsets: [Int64] = []
        var next: Int64 = 0
        for (place, rows) in observed.enumerated() {
            offsets.append(next)
            next += rows + Int64(ahead?[place].rowCount ?? 0)
        }
        return [(Self.offsetsName, offsets), (Self.observedName, observed)].map { name, values in
            NamedTensor(name: name, shape: [values.count], values: .int64(values))
        }
    }

    /// Reads a file, trusting nothing in it.
    ///
    /// - Parameter observed: How many rows were observed, where the file does not say so.
    /// - Throws: `ForecastingError`: `invalidSafetensors`, `invalidFrame`, `invalidFrequency`.
    init(_ file: SafetensorsFile, observed: Int) throws(ForecastingError) {
        guard let frequency = file.metadata[Self.frequencyKey] else { throw Self.invalid("the frequency is missing") }
        let rows = try Self.rows(file)
        guard let groupBy = file.metadata[Self.groupByKey] else {
            let observed = max(0, min(observed, rows.rowCount))
            try self.init(
                panel: Panel(rows.rows(0..<observed)),
                ahead: [rows.rows(observed..<rows.rowCount)],
                frequency: Frequency(frequency)
            )
            return
        }
        let keys = try Self.list(SeriesKey.self, file.metadata[Self.keysKey] ?? "")
        guard zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 }) else { throw Self.invalid("keys are not sorted") }
        let ranges = try Self.ranges(file, series: keys.count, rows: rows.rowCount)
        try self.init(
            panel: Panel(
                groupBy: Self.list(String.self, groupBy),
                series: zip(keys, ranges).map { Panel.Series(key: $0, frame: rows.rows($1.observed)) }
            ),
            ahead: ranges.map { rows.rows($0.ahead) },
            frequency: Frequency(frequency)
        )
    }

    private static func rows(_ file: SafetensorsFile) throws(ForecastingError) -> TimeSeriesFrame {
        var names: [String] = []
        var columns: [[Double]] = []
        // The file keeps the order of the columns.
        for tensor in file.tensors where tensor.name.hasPrefix(columnPrefix) {
            guard case .float64(let values) = tensor.values else { throw invalid("'\(tensor.name)' is not F64") }
            names.append(String(tensor.name.dropFirst(columnPrefix.count)))
            columns.append(values)
        }
        return try TimeSeriesFrame(timestamps: integers(timestampsName, file), names: names, columns: columns)
    }

    private static func ranges(
        _ file: SafetensorsFile,
        series: Int,
        rows: Int
    ) throws(ForecastingError) -> [(observed: Range<Int>, ahead: Range<Int>)] {
        let (offsets, observed) = (try integers(offsetsName, file), try integers(observedName, file))
        guard offsets.count == series, observed.count == series, offsets.first == 0 else {
            throw invalid("offsets, observed rows and keys are not those of \(series) series")
        }
        var ranges: [(observed: Range<Int>, ahead: Range<Int>)] = []
        for (offset, (end, count)) in zip(offsets, zip(offsets.dropFirst() + [Int64(rows)], observed)) {
            guard offset >= 0, offset < end, end <= rows, count >= 1, count <= end - offset else {
                throw invalid("the rows from \(offset) to \(end), \(count) of them observed, are no series")
            }
            let border = Int(offset + count)
            ranges.append((Int(offset)..<border, border..<Int(end)))
        }
        return ranges
    }

    private static func integers(_ name: String, _ file: SafetensorsFile) throws(ForecastingError) -> [Int64] {
        guard case .int64(let values)? = file.tensors.first(where: { $0.name == name })?.values else {
            throw invalid("\(name) are missing")
        }
        return values
    }

    private static func text(_ list: some Encodable) throws(ForecastingError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let json = try? encoder.encode(list) else { throw invalid("the keys cannot be written as JSON") }
        return String(decoding: json, as: UTF8.self)
    }

    private static func list<Element: Decodable>(
        _: Element.Type,
        _ json: String
    ) throws(ForecastingError) -> [Element] {
        guard let list = try? JSONDecoder().decode([Element].self, from: Data(json.utf8)), !list.isEmpty else {
            throw invalid("the grouping columns or the keys are missing")
        }
        return list
    }

    private static func invalid(_ reason: String) -> ForecastingError {
        .invalidSafetensors(reason: "it is not a dataset: \(reason)")
    }
}
