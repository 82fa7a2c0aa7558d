// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import Forecasting
import Foundation
import HTTPTransport
import Parquet

/// A Parquet file to columns, beside pyarrow.
struct ParquetBench {
    let setting: BenchSetting

    func run() async throws {
        let path = setting.folder.appendingPathComponent("data.parquet").path
        let written: PythonTwin.Written = try setting.twin().ask("write", setting.rows, path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        let reader = try setting.twin()
        var (theirs, ours, frames) = ([PythonTwin.Reading](), [Double](), [Double]())
        var peak = 0
        for _ in 0..<setting.rounds {
            theirs.append(try reader.ask("read", setting.threads, path))
            PeakMemory.reset()
            ours.append(try await setting.seconds(rows: setting.rows) { try await readColumns(path) })
            peak = max(peak, PeakMemory.bytes)
            frames.append(try await setting.seconds(rows: setting.rows) { try await readFrame(path) })
        }
        let (their, our, frame) = (theirs.map(\.seconds).min() ?? 0, ours.min() ?? 0, frames.min() ?? 0)
        let facts = "\(setting.rows) rows, \(size / 1_000_000) MB with Snappy, \(setting.threads) threads"
        print("\nParquet: \(facts), pyarrow \(written.version)\n")
        print("| work | pyarrow s | ours s | speed beside pyarrow | peak MB: pyarrow, ours |")
        print("|---|---|---|---|---|")
        let peaks = "\((theirs.first?.peakBytes ?? 0) / 1_000_000), \(peak / 1_000_000)"
        print("| columns, row group by row group | \(their.shown) | \(our.shown) | \((their / our).shown) | \(peaks) |")
        print("| source.parquet to a frame | | \(frame.shown) | \((their / frame).shown) | |")
    }

    private func readColumns(_ path: String) async throws -> Int {
        let file = try await ParquetFile(try ParquetDiskFile(path: path))
        let names = file.columns.map(\.name)
        var read = 0
        for group in file.rowGroups.indices {
            read += try await file.read(rowGroup: group, columns: names, threads: setting.threads).first?.count ?? 0
        }
        return read
    }

    private func readFrame(_ path: String) async throws -> Int {
        let source = ParquetSource(
            timestamp: "time",
            values: BenchSetting.columns,
            threads: setting.threads,
            transport: CurlTransport()
        )
        return try await source.read(path).frame.rowCount
    }
}
