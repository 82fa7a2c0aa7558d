// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Forecasting

@Suite("Stored data sets")
struct StoredDatasetTests {
    private let hourly = Result { () throws(ForecastingError) in try Frequency("1h") }

    private func frame(_ times: Range<Int64>, _ value: Double) throws -> TimeSeriesFrame {
        let times = times.map { 3_600 * $0 }
        let columns = [times.map { value + Double($0) / 7 }, times.map { $0 % 5 == 0 ? .nan : value }]
        return try TimeSeriesFrame(timestamps: times, names: ["load", "heat"], columns: columns)
    }

    private func panel() throws -> Panel {
        try Panel(
            groupBy: ["store", "item"],
            series: [
                .init(key: SeriesKey(["south", "1"]), frame: frame(5..<25, 3)),
                .init(key: SeriesKey(["north", "a \"b\", ü"]), frame: frame(0..<12, 1)),
                .init(key: SeriesKey(["north", "2"]), frame: frame(3..<10, 2)),
            ]
        )
    }

    private func expectEqual(_ left: TimeSeriesFrame, _ right: TimeSeriesFrame) {
        #expect(left.timestamps == right.timestamps && left.names == right.names)
        #expect(left.columns.map { $0.map(\.bitPattern) } == right.columns.map { $0.map(\.bitPattern) })
    }

    @Test("several series come back as they were, with the rows that are known ahead", arguments: [false, true])
    func roundTrip(hasAhead: Bool) throws {
        try ArtifactStoreTests.withRoot { root in
            let store = ArtifactStore(root: root)
            let panel = try panel()
            let ahead = try panel.series.enumerated().map { place, series in
                let last = (series.frame.timestamps.last ?? 0) / 3_600
                return try frame((last + 1)..<(last + 1 + Int64(place)), 9)
            }
            let reference = try store.saveDataset(panel, ahead: hasAhead ? ahead : nil, frequency: hourly.get())
            #expect(reference.rows == 39 && reference.series == 3)
            #expect(reference.from == "1970-01-01T00:00:00Z" && reference.to == "1970-01-02T00:00:00Z")
            let loaded = try store.loadDataset(reference)
            #expect(loaded.panel.groupBy == panel.groupBy && loaded.panel.series.map(\.key) == panel.series.map(\.key))
            for (left, right) in zip(loaded.panel.series, panel.series) { expectEqual(left.frame, right.frame) }
            #expect((loaded.ahead != nil) == hasAhead)
            for (left, right) in zip(loaded.ahead ?? [], ahead) { expectEqual(left, right) }
        }
    }

    @Test("data that is not grouped is a table without series, and its reference says where its rows end")
    func oneSeries() throws {
        let (rows, ahead) = (try frame(0..<20, 1), try frame(20..<23, 2))
        let stored = try StoredDataset(panel: Panel(rows), ahead: [ahead], frequency: hourly.get())
        let bytes = try stored.encoded()
        let file = try SafetensorsFile(decoding: bytes.joined)
        #expect(try bytes.joined == file.encoded(), "as any file of these tensors")
        #expect(
            file.metadata == ["frequency": "1h"]
                && file.tensors.map(\.name) == ["timestamps", "column:load", "column:heat"]
        )
        #expect(file.tensors.allSatisfy { $0.shape == [23] })
        #expect(
            stored.reference(digest: "d")
                == DatasetReference(
                    digest: "d",
                    rows: 20,
                    from: "1970-01-01T00:00:00Z",
                    to: "1970-01-01T19:00:00Z"
                )
        )
        let loaded = try StoredDataset(file, observed: 20)
        expectEqual(loaded.panel.series[0].frame, rows)
        expectEqual(try #require(loaded.ahead?.first), ahead)
        let whole = try StoredDataset(file, observed: 23)
        #expect(whole.ahead == nil && whole.panel.rowCount == 23)
        // Not where nobody is to know of them.
        #expect(try StoredDataset(panel: Panel(rows), ahead: [frame(0..<0, 0)], frequency: hourly.get()).ahead == nil)
    }

    @Test("a series without rows, or with other columns ahead, is not stored, and is named")
    func faults() throws {
        let panel = try panel()
        var series = panel.series
        series[1] = .init(key: series[1].key, frame: try frame(0..<0, 1))
        let error = #expect(throws: ForecastingError.self) {
            try StoredDataset(panel: Panel(groupBy: panel.groupBy, series: series), ahead: nil, frequency: hourly.get())
        }
        #expect(error?.description == "series store=north, item=a \"b\", ü: the table is not valid: it has no rows")
        let other = try frame(30..<31, 1).selecting(["load"])
        #expect(throws: ForecastingError.self) {
            try StoredDataset(panel: panel, ahead: [other, other, other], frequency: hourly.get())
        }
    }

    @Test("a file whose borders, keys or sizes do not fit is refused, never trapped on", arguments: 0..<400)
    func fuzz(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let stored = try StoredDataset(panel: panel(), ahead: nil, frequency: hourly.get())
        let file = try SafetensorsFile(decoding: stored.encoded().joined)
        var tensors = file.tensors
        var metadata = file.metadata
        let place = Int.random(in: 0..<tensors.count, using: &random)
        if random.chance(30) {
            let texts = [
                "", "[]", "[[]]", "[\"a\"]", "[[\"a\",\"b\"]]", "[[\"b\",\"b\"],[\"a\",\"b\"],[\"c\",\"b\"]]", "x",
            ]
            metadata[random.pick(["groupBy", "keys", "frequency"])] = random.chance(20) ? nil : random.pick(texts)
        } else if random.chance(20) {
            tensors.remove(at: place)
        } else if case .int64(var values) = tensors[place].values {
            let wild: [Int64] = [0, 1, -1, 12, 19, 39, 40, .min, .max, .max - 11]
            if random.chance(20) { values.removeLast() }
            values[Int.random(in: 0..<values.count, using: &random)] = random.pick(wild)
            tensors[place] = NamedTensor(name: tensors[place].name, shape: [values.count], values: .int64(values))
        } else {
            tensors[place] = NamedTensor(name: tensors[place].name, shape: [2], values: .float64([1, 2]))
        }
        let mutated = try SafetensorsFile(tensors: tensors, metadata: metadata)
        guard let read = try? StoredDataset(mutated, observed: random.pick([0, 5, 39, .max, .min])) else { return }
        #expect(read.panel.rowCount <= 39 && read.panel.series.allSatisfy { $0.frame.rowCount > 0 })
    }
}
