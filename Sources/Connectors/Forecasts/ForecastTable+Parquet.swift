// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Parquet

extension ForecastTable {
    /// The table as a Parquet file of one row group: a forecast is as long as its horizon. The table has been checked.
    func parquet(_ place: String) throws(ConnectorError) -> [UInt8] {
        let instant = ParquetKind.timestamp(.milliseconds, isUTC: true)
        var columns = labels.map { values($0.name, .string, .texts(ParquetTexts($0.values.map { Array($0.utf8) }))) }
        columns += [
            values("time", instant, .int64(times.map { $0 * 1000 })),
            values("issued", instant, .int64(repeating(issued * 1000))),
            values("step", .integer(bits: 32, isSigned: true), .int32(steps.map { Int32(clamping: $0) })),
        ]
        columns += targets.map { values($0.name, .double, .doubles($0.values)) }
        for (name, text) in [("pipeline", pipeline), ("version", version)] {
            columns.append(values(name, .string, .texts(ParquetTexts(repeating(Array(text.utf8))))))
        }
        do throws(ParquetError) {
            var writer = try ParquetWriter(columns: columns.map(\.column))
            let rows = try writer.rowGroup(columns)
            return rows + writer.finish()
        } catch {
            throw .writeRefused(url: place, reason: error.description)
        }
    }

    private func values(_ name: String, _ kind: ParquetKind, _ storage: ParquetValues.Storage) -> ParquetValues {
        ParquetValues(column: ParquetColumn(name: name, kind: kind), storage: storage)
    }

    private func repeating<Value>(_ value: Value) -> [Value] { Array(repeating: value, count: times.count) }
}
