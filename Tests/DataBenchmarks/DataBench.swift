// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Connectors
import Forecasting
import Foundation
import HTTPTransport
import Parquet

/// Measures how fast data is read, beside others that read the same file on the same machine by turns.
@main
struct DataBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data-bench",
        abstract: "Reading Parquet beside pyarrow, and preprocessing beside pandas.",
        discussion: "Each figure is the least of several runs, since others may work on the machine."
    )

    @Option(help: "Rows of a time and eight numbers; 13 million are 1 GB as CSV.")
    var rows = 13_000_000
    @Option(help: "Threads of each.")
    var threads = 2
    @Option(help: "How often each is measured.")
    var rounds = 5
    @Option(help: "A Python with pyarrow and pandas, as 'make setup' brings it.")
    var python: String
    @Option(help: "The script that it runs, from the top of the repository.")
    var twin = "Tests/DataBenchmarks/twin.py"

    func run() async throws {
        try await readParquet()
        let features = try FeatureBench(python: python, script: twin, rounds: rounds)
        print("\n" + (try await features.table()))
    }

    private func readParquet() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("data-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("data.parquet").path
        let pyarrow = try PyArrowTwin(python: python, script: twin)
        let written: PyArrowTwin.Written = try pyarrow.ask("write", rows, path)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        print(
            "\(rows) rows, \(size / 1_000_000) MB of Snappy Parquet, \(threads) threads, pyarrow \(written.version)\n"
        )

        // A process of its own, so that its peak is not that of writing.
        let reader = try PyArrowTwin(python: python, script: twin)
        var (theirs, ours, frames) = ([PyArrowTwin.Reading](), [Double](), [Double]())
        var peak = 0
        for _ in 0..<rounds {
            theirs.append(try reader.ask("read", threads, path))
            ours.append(try await seconds { try await readColumns(path) })
            if peak == 0 { peak = Self.peakBytes() }
        }
        for _ in 0..<rounds { frames.append(try await seconds { try await readFrame(path) }) }
        let (their, our, frame) = (theirs.map(\.seconds).min() ?? 0, ours.min() ?? 0, frames.min() ?? 0)
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
            read += try await file.read(rowGroup: group, columns: names, threads: threads).first?.count ?? 0
        }
        return read
    }

    private func readFrame(_ path: String) async throws -> Int {
        let source = ParquetSource(
            timestamp: "time",
            values: (0..<8).map { "value\($0)" },
            threads: threads,
            transport: CurlTransport()
        )
        return try await source.read(path).rowCount
    }

    private func seconds(_ read: () async throws -> Int) async throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        let count = try await read()
        let time = clock.now - start
        guard count == rows else { throw ValidationError("\(count) rows were read, not \(rows)") }
        return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    }

    /// The most memory that this process has held.
    private static func peakBytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").dropFirst().first).flatMap { Int($0) }.map { $0 * 1024 } ?? 0
    }
}

extension Double {
    var shown: String { formatted(.number.precision(.fractionLength(2))) }
}
