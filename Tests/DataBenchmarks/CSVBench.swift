// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import Forecasting
import Foundation
import HTTPTransport
import Synchronization

/// A numeric CSV file to columns, beside pandas' C parser and polars.
struct CSVBench {
    /// A way to read the file.
    private struct Way {
        let name: String
        var columns = BenchSetting.columns
        var times: ClosedRange<Int64>?
        var resampling: Resampling?
        /// How many rows it gives.
        let rows: Int
        var seconds: [Double] = []
        var peak = 0
    }

    let setting: BenchSetting

    func run() async throws {
        let path = setting.folder.appendingPathComponent("data.csv").path
        let _: PythonTwin.Written = try setting.twin().ask("csv", setting.rows, path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        let (pandas, polars) = (try setting.twin(), try setting.twin())
        var times: (pandas: [PythonTwin.Reading], polars: [PythonTwin.Reading]) = ([], [])
        var ways = try ways()
        for _ in 0..<setting.rounds {
            times.pandas.append(try pandas.ask("pandas", setting.threads, path))
            times.polars.append(try polars.ask("polars", setting.threads, path))
            for index in ways.indices {
                PeakMemory.reset()
                ways[index].seconds.append(try await seconds(path, ways[index]))
                ways[index].peak = max(ways[index].peak, PeakMemory.bytes)
            }
        }
        let versions = "pandas \(times.pandas[0].version ?? ""), polars \(times.polars[0].version ?? "")"
        print("\nCSV: \(setting.rows) rows, \(size / 1_000_000) MB, \(setting.threads) threads, \(versions)\n")
        print("| what | seconds | speed beside pandas | beside polars | peak MB | of which columns |")
        print("|---|---|---|---|---|---|")
        let (slow, fast) = (times.pandas.map(\.seconds).min() ?? 0, times.polars.map(\.seconds).min() ?? 0)
        func row(_ name: String, _ seconds: Double, _ peak: Int, cells: Int) {
            let ratios = "\((slow / seconds).shown) | \((fast / seconds).shown)"
            print("| \(name) | \(seconds.shown) | \(ratios) | \(peak / 1_000_000) | \(cells * 8 / 1_000_000) |")
        }
        row("pandas, engine c", slow, times.pandas.map(\.peakBytes).max() ?? 0, cells: 9 * setting.rows)
        row("polars", fast, times.polars.map(\.peakBytes).max() ?? 0, cells: 9 * setting.rows)
        for way in ways {
            row("source.csv, \(way.name)", way.seconds.min() ?? 0, way.peak, cells: way.rows * (way.columns.count + 1))
        }
    }

    /// Rows are a minute apart, from 1970 on.
    private func ways() throws -> [Way] {
        let end = Int64(setting.rows) * 60
        let days = min(setting.rows, 90 * 24 * 60)
        return [
            Way(name: "all columns", rows: setting.rows),
            Way(name: "one of eight", columns: ["value3"], rows: setting.rows),
            Way(name: "all columns of the last 90 days", times: end - Int64(days) * 60...end, rows: days),
            Way(
                name: "all columns by the hour",
                resampling: Resampling(.mean, to: try Frequency("1h")),
                rows: (setting.rows + 59) / 60
            ),
        ]
    }

    private func seconds(_ path: String, _ way: Way) async throws -> Double {
        try await setting.seconds(rows: way.rows) {
            guard let resampling = way.resampling else { return try await source(way).read(path).frame.rowCount }
            let bins = Mutex(PanelBins(resampling))
            _ = try await source(way) { rows in bins.withLock { $0.add(rows) } }.read(path)
            return try bins.withLock { $0 }.panel().rowCount
        }
    }

    private func source(_ way: Way, sink: RowSink? = nil) -> CSVSource {
        CSVSource(
            selection: CSVSelection(timestamp: "time", timestampFormat: .unixSeconds, values: way.columns),
            times: way.times,
            sink: sink,
            threads: setting.threads,
            transport: CurlTransport()
        )
    }
}
