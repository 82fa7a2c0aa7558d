// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import ForecastAPI
package import Forecasting
package import Foundation
import Parquet
import TestSupport

/// A folder with a store, a CSV file and requests; it goes with its owner.
package final class Workspace: Sendable {
    /// The folder.
    package let folder: URL

    /// An empty folder.
    package init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("almanac-worker-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The store, opened.
    package var artifacts: ArtifactStore { ArtifactStore(root: store) }

    /// The path of the store.
    package var store: String { folder.appendingPathComponent("store").path }

    /// Hourly rows with a season of a day and some noise.
    package static func rows(_ count: Int) -> [String] {
        var random = SeededRandom(seed: 7)
        return (0..<count).map { row in
            let time = Date(timeIntervalSince1970: 1_704_067_200 + Double(row) * 3_600)
            let value = 100 + 10 * sin(2 * Double.pi * Double(row) / 24) + Double.random(in: -1...1, using: &random)
            return "\(time.formatted(.iso8601)),\(value),\(-2 * value),text"
        }
    }

    /// Writes `data.csv` with a header and these rows.
    package func write(_ rows: [String], header: String = "time,value,other,note") throws {
        let text = ([header] + rows).joined(separator: "\n") + "\n"
        try Data(text.utf8).write(to: folder.appendingPathComponent("data.csv"))
    }

    /// Writes `data.parquet` with the times and the first value of these rows.
    package func writeParquet(_ rows: [String]) throws {
        let cells = rows.map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let time = ParquetColumn(name: "time", kind: .timestamp(.milliseconds, isUTC: true))
        let value = ParquetColumn(name: "value", kind: .double)
        let times = try cells.map { Int64(try Date(String($0[0]), strategy: .iso8601).timeIntervalSince1970) * 1000 }
        var writer = try ParquetWriter(columns: [time, value])
        let bytes = try writer.rowGroup([
            ParquetValues(column: time, storage: .int64(times)),
            ParquetValues(column: value, storage: .doubles(cells.map { Double($0[1]) ?? .nan })),
        ])
        try Data(bytes + writer.finish()).write(to: folder.appendingPathComponent("data.parquet"))
    }

    /// The tasks of a run.
    package static let wholeRun: [StepTask] = [.prepare, .train, .evaluate, .publish]

    /// A request for these tasks.
    package func request(
        _ tasks: [StepTask],
        _ change: (inout ForecastPipelineSpec) -> Void = { _ in }
    ) -> StepRequest {
        var spec = ForecastPipelineSpec(
            source: SourceSpec(csv: CSVSourceSpec(path: "data.csv")),
            series: SeriesSpec(timestamp: "time", targets: ["value"], frequency: "1h"),
            model: ModelSpec(lookback: 48, horizon: 12, nlinear: NLinearSpec())
        )
        change(&spec)
        let identity = RunIdentity(
            namespace: "team",
            pipeline: "traffic",
            name: "traffic-g1",
            createdTime: Date(timeIntervalSince1970: 1_795_230_000)
        )
        let step = PlannedStep(name: "all", tasks: tasks, dependsOn: [])
        return StepRequest(run: identity, step: step, spec: spec, storePath: store, sourcePath: folder.path)
    }

    /// Every file of the store with its content.
    package func contents() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: store) ?? .init() {
            let path = store + "/" + name
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            files[name] = try Data(contentsOf: URL(fileURLWithPath: path))
        }
        return files
    }
}
