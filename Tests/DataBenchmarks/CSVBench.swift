// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import Forecasting
import Foundation
import HTTPTransport

/// A numeric CSV file to columns, beside pandas' C parser and polars.
struct CSVBench {
    let setting: BenchSetting

    func run() async throws {
        let path = setting.folder.appendingPathComponent("data.csv").path
        let _: PythonTwin.Written = try setting.twin().ask("csv", setting.rows, path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        let (pandas, polars) = (try setting.twin(), try setting.twin())
        var times: (pandas: [PythonTwin.Reading], polars: [PythonTwin.Reading]) = ([], [])
        var (all, one): ([Double], [Double]) = ([], [])
        var (peakOfAll, peakOfOne) = (0, 0)
        for _ in 0..<setting.rounds {
            times.pandas.append(try pandas.ask("pandas", setting.threads, path))
            times.polars.append(try polars.ask("polars", setting.threads, path))
            PeakMemory.reset()
            all.append(try await seconds(path, BenchSetting.columns))
            peakOfAll = max(peakOfAll, PeakMemory.bytes)
            PeakMemory.reset()
            one.append(try await seconds(path, ["value3"]))
            peakOfOne = max(peakOfOne, PeakMemory.bytes)
        }
        let versions = "pandas \(times.pandas[0].version ?? ""), polars \(times.polars[0].version ?? "")"
        print("\nCSV: \(setting.rows) rows, \(size / 1_000_000) MB, \(setting.threads) threads, \(versions)\n")
        print("| what | seconds | speed beside pandas | beside polars | peak MB | of which columns |")
        print("|---|---|---|---|---|---|")
        let (slow, fast) = (times.pandas.map(\.seconds).min() ?? 0, times.polars.map(\.seconds).min() ?? 0)
        func row(_ name: String, _ seconds: Double, _ peak: Int, columns: Int) {
            let held = setting.rows * columns * 8 / 1_000_000
            let ratios = "\((slow / seconds).shown) | \((fast / seconds).shown)"
            print("| \(name) | \(seconds.shown) | \(ratios) | \(peak / 1_000_000) | \(held) |")
        }
        row("pandas, engine c", slow, times.pandas.map(\.peakBytes).max() ?? 0, columns: 9)
        row("polars", fast, times.polars.map(\.peakBytes).max() ?? 0, columns: 9)
        row("source.csv, all columns", all.min() ?? 0, peakOfAll, columns: 9)
        row("source.csv, one of eight", one.min() ?? 0, peakOfOne, columns: 2)
    }

    private func seconds(_ path: String, _ columns: [String]) async throws -> Double {
        try await setting.seconds(rows: setting.rows) {
            let selection = CSVSelection(timestamp: "time", timestampFormat: .unixSeconds, values: columns)
            let source = CSVSource(selection: selection, threads: setting.threads, transport: CurlTransport())
            return try await source.read(path).frame.rowCount
        }
    }
}
