// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import TestServers
import TestSupport
import Testing

@testable import Connectors

@Suite("A forecast as a file")
struct ForecastTableTests {
    static let table = ForecastTable(
        pipeline: "load",
        version: "20261121-034500",
        issued: 1_795_230_000,
        times: [1_795_233_600, 1_795_237_200, 1_795_240_800],
        targets: [
            .init(name: "taken, \"noord\"", values: [1, 0.1 + 0.2, -1e-300]),
            .init(name: "ü", values: [-0.0, 1e22, 3]),
        ]
    )

    private static func write(_ format: ForecastFormat, _ table: ForecastTable = table) throws -> TemporaryFile {
        try TemporaryFile(try format.encoded(table, for: "there"), named: "f.\(format.fileExtension)")
    }

    @Test("CSV has a header, a line a step, times in UTC, and quotes where they are needed")
    func text() throws {
        let text = String(decoding: try ForecastFormat.csv.encoded(Self.table, for: ""), as: UTF8.self)
        #expect(
            text == """
                time,issued,step,"taken, ""noord\""",ü,pipeline,version
                2026-11-21T04:00:00Z,2026-11-21T03:00:00Z,1,1.0,-0.0,load,20261121-034500
                2026-11-21T05:00:00Z,2026-11-21T03:00:00Z,2,0.30000000000000004,1e+22,load,20261121-034500
                2026-11-21T06:00:00Z,2026-11-21T03:00:00Z,3,-1e-300,3.0,load,20261121-034500

                """
        )
    }

    @Test("our own sources read every number and time of a file back, to the bit", arguments: ForecastFormat.allCases)
    func ownSources(format: ForecastFormat) async throws {
        var random = SeededRandom(seed: 11)
        var table = Self.table
        table.times = (0..<500).map { 1_795_233_600 + $0 * 600 }
        table.steps = Array(1...500)
        for index in table.targets.indices {
            table.targets[index].values = table.times.map { _ in
                Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random)).finite
            }
        }
        let file = try Self.write(format, table)
        let names = table.targets.map(\.name)
        let frame: TimeSeriesFrame
        switch format {
        case .csv:
            let selection = CSVSelection(timestamp: "time", values: names + ["step"])
            frame = try await CSVSource(selection: selection, transport: CurlTransport()).read(file.path).frame
        case .parquet:
            let source = ParquetSource(timestamp: "time", values: names + ["step"], transport: CurlTransport())
            frame = try await source.read(file.path).frame
        }
        #expect(frame.timestamps == table.times)
        for (target, column) in zip(table.targets, try frame.selecting(names).columns) {
            #expect(column.map(\.bitPattern) == target.values.map(\.bitPattern))
        }
        #expect(try frame.selecting(["step"]).columns == [(1...500).map(Double.init)])
    }

    @Test("pandas reads the same", .enabled(if: PythonTools.python != nil), arguments: ForecastFormat.allCases)
    func pandas(format: ForecastFormat) throws {
        let script = """
            import json, sys, pandas as pd
            f = sys.argv[1]
            # pandas' own numbers may be off by a unit in the last place, so Python makes them of the text.
            t = pd.read_parquet(f) if f.endswith("parquet") else pd.read_csv(f, parse_dates=["time", "issued"], dtype={sys.argv[2]: str})
            seconds = lambda c: [int(v.timestamp()) for v in c]
            print(json.dumps({"names": list(t), "times": seconds(t["time"]), "issued": seconds(t["issued"]),
                              "steps": t["step"].tolist(), "texts": t["pipeline"].tolist() + t["version"].tolist(),
                              "zone": str(t["time"].dt.tz), "numbers": [float(v).hex() for v in t[sys.argv[2]]]}))
            """
        struct Answer: Decodable, Equatable {
            var names: [String]
            var times, issued, steps: [Int64]
            var texts: [String]
            var zone: String
            var numbers: [String]
        }
        let file = try Self.write(format)
        let answer = try JSONDecoder().decode(
            Answer.self,
            from: try PythonTools.run(script, [file.path, Self.table.names[3]])
        )
        let hex = try PythonTools.run("print(1.0.hex(), (0.1+0.2).hex(), (-1e-300).hex(), end='')", [])
        let expected = Answer(
            names: Self.table.names,
            times: Self.table.times,
            issued: Array(repeating: Self.table.issued, count: 3),
            steps: [1, 2, 3],
            texts: Array(repeating: "load", count: 3) + Array(repeating: "20261121-034500", count: 3),
            zone: "UTC",
            numbers: String(decoding: hex, as: UTF8.self).split(separator: " ").map(String.init)
        )
        #expect(answer == expected)
    }

    @Test("equal tables become equal bytes", arguments: ForecastFormat.allCases)
    func deterministic(format: ForecastFormat) throws {
        #expect(try format.encoded(Self.table, for: "a") == format.encoded(Self.table, for: "b"))
    }

    @Test("what would be misread is refused with the place and the column")
    func refusals() {
        func refusal(_ change: (inout ForecastTable) -> Void) -> String? {
            var table = Self.table
            change(&table)
            return ForecastFormat.allCases.map { format in
                #expect(throws: ConnectorError.self) { try format.encoded(table, for: "/there/x") }?.description
            }
            .reduce(nil) { $0 ?? $1 }
        }
        #expect(
            refusal { $0.targets[1].values[1] = .nan }
                == "/there/x refused the rows: column 'ü' at 2026-11-21T05:00:00Z is nan, which is no number"
        )
        #expect(refusal { $0.targets[0].values.removeLast() }?.contains("has 2 values for 3 rows") == true)
        #expect(refusal { $0.targets[0].name = "step" }?.contains("two columns have one name") == true)
        #expect(refusal { $0.times[0] = .max }?.contains("outside of the years 1 to 9999") == true)
    }
}

/// A file that goes with its owner.
final class TemporaryFile {
    let path: String
    private let folder: URL

    init(_ bytes: [UInt8], named name: String) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("almanac-file-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent(name)
        try Data(bytes).write(to: file)
        path = file.path
    }

    deinit { try? FileManager.default.removeItem(at: folder) }
}

extension Double {
    /// The number, or another one where it is none.
    fileprivate var finite: Double { isFinite ? self : 1.5 }
}
