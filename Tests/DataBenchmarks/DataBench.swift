// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// Measures how fast data is read and written, beside others that do the same on the same machine by turns.
@main
struct DataBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data-bench",
        abstract:
            "Reading CSV and Parquet beside pandas, polars and pyarrow; InfluxDB beside curl; preprocessing beside pandas.",
        discussion: "Each figure is the least of several runs, since others may work on the machine."
    )

    /// What can be measured.
    enum Part: String, CaseIterable, ExpressibleByArgument {
        case csv, parquet, influx, features
    }

    @Argument(help: "What is measured; all, where nothing is named.")
    var parts: [Part] = []
    @Option(help: "Rows of a time and eight numbers; 17.5 million are 1 GB as CSV.")
    var rows = 17_500_000
    @Option(help: "Threads of each, where more than one can be used.")
    var threads = 2
    @Option(help: "How often each is measured.")
    var rounds = 5
    @Option(help: "A Python with pandas, polars and pyarrow, as 'make setup' brings it.")
    var python: String
    @Option(help: "The script that it runs, from the top of the repository.")
    var twin = "Tests/DataBenchmarks/twin.py"

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("data-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let setting = BenchSetting(
            rows: rows,
            threads: threads,
            rounds: max(1, rounds),
            python: python,
            script: twin,
            folder: folder
        )
        for part in parts.isEmpty ? Part.allCases : parts {
            switch part {
            case .csv: try await CSVBench(setting: setting).run()
            case .parquet: try await ParquetBench(setting: setting).run()
            case .influx: try await InfluxBench(setting: setting).run()
            case .features: try FeatureBench(setting: setting).run()
            }
        }
    }
}

/// What all benchmarks share.
struct BenchSetting: Sendable {
    /// Rows of files.
    let rows: Int
    let threads: Int
    let rounds: Int
    let python: String
    let script: String
    /// Where files may lie.
    let folder: URL

    /// The columns of files beside `time`.
    static let columns = (0..<8).map { "value\($0)" }

    /// A Python process of its own, so that its peak of memory is that of what it is asked.
    func twin() throws -> PythonTwin { try PythonTwin(python: python, script: script, threads: threads) }

    /// Seconds that work takes, which has to give so many rows.
    func seconds(rows wanted: Int, _ work: () async throws -> Int) async throws -> Double {
        let begin = ContinuousClock.now
        let count = try await work()
        let time = ContinuousClock.now - begin
        guard count == wanted else { throw ValidationError("\(count) rows were read, not \(wanted)") }
        return time / .seconds(1)
    }
}

/// The most memory that this process has held since a moment.
enum PeakMemory {
    /// Forgets what was held before.
    static func reset() { try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs")) }

    /// Bytes.
    static var bytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").dropFirst().first).flatMap { Int($0) }.map { $0 * 1024 } ?? 0
    }
}

extension Double {
    /// With two digits after the point.
    var shown: String { formatted(.number.precision(.fractionLength(2)).grouping(.never)) }
}
