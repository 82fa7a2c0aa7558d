// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import Parquet
import Testing

@testable import Connectors

@Suite("Several files as one table")
final class FileListingTests {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("files-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func write(_ name: String, _ text: String = "") throws {
        try write(name, Array(text.utf8))
    }

    private func write(_ name: String, _ bytes: [UInt8]) throws {
        let file = URL(fileURLWithPath: "\(folder)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: file)
    }

    private func files(_ pattern: String) throws -> [String] {
        try FileListing.files("\(folder)/\(pattern)").map { String($0.dropFirst(folder.count + 1)) }
    }

    private static func csv(_ values: [String]) -> CSVSource {
        CSVSource(selection: CSVSelection(timestamp: "time", values: values), threads: 2, transport: CurlTransport())
    }

    private func csvFailure(_ pattern: String) async -> String? {
        await #expect(throws: ConnectorError.self) {
            _ = try await Self.csv(["load"]).read("\(folder)/\(pattern)")
        }?.description.replacingOccurrences(of: folder + "/", with: "")
    }

    @Test("a star and a folder stand for files in the order of their paths by bytes")
    func listing() throws {
        for name in ["b.csv", "a.csv", "a-1.csv", "B.csv", "x/c.csv", "x/y/d.csv", "notes.txt"] { try write(name) }
        for name in ["_SUCCESS", ".e.csv.partial", ".f.csv", "_tmp/g.csv", ".h/i.csv", "x/_j.csv"] { try write(name) }
        #expect(try files("*.csv") == ["B.csv", "a-1.csv", "a.csv", "b.csv"])
        #expect(try files("a*.csv") == ["a-1.csv", "a.csv"])
        #expect(try files(".*.csv") == [".f.csv"])
        #expect(try files("x/*") == ["x/_j.csv", "x/c.csv"])
        #expect(try files("") == ["B.csv", "a-1.csv", "a.csv", "b.csv", "notes.txt", "x/c.csv", "x/y/d.csv"])
        #expect(try files("x/") == ["x/c.csv", "x/y/d.csv"])
        #expect(try files("a.csv") == ["a.csv"])
        #expect(try files("absent.csv") == ["absent.csv"])
    }

    @Test("links to files are followed, links to folders are not")
    func links() throws {
        try write("a/x.csv")
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: "\(folder)/link.csv", withDestinationPath: "\(folder)/a/x.csv")
        try manager.createSymbolicLink(atPath: "\(folder)/a/back", withDestinationPath: folder)
        try manager.createSymbolicLink(atPath: "\(folder)/gone.csv", withDestinationPath: "\(folder)/nowhere")
        #expect(try files("") == ["a/x.csv", "link.csv"])
        #expect(try files("*.csv") == ["link.csv"])
        #expect(try files("a/*") == ["a/x.csv"])
    }

    @Test("what is no pattern, and what matches nothing, is told")
    func problems() async throws {
        try write("a/x.txt")
        #expect(await csvFailure("a/*.csv") == "cannot open a/*.csv: no file matches it")
        #expect(await csvFailure("b/*.csv") == "cannot open b/: No such file or directory")
        #expect(await csvFailure("a/x.txt/") == "cannot open a/x.txt/: Not a directory")
        #expect(await csvFailure("*/x.csv") == "location: '*/x.csv' holds '*' before its last '/'")
        let directory = "it is a directory; with '/' at its end the path stands for all files below it"
        #expect(await csvFailure("a") == "cannot open a: \(directory)")
    }

    @Test("CSV files have headers of their own, with columns in any order")
    func csv() async throws {
        try write("2026-10.csv", "time,load\n2026-10-31,1\n")
        try write("2026-11.csv", "load,note,time\n2,x,2026-11-01\n3,y,2026-11-02\n")
        let reading = try await Self.csv(["load"]).read("\(folder)/2026-*.csv")
        #expect(reading.frame.columns == [[1, 2, 3]])
        #expect(reading.frame.timestamps == [1_793_404_800, 1_793_491_200, 1_793_577_600])
        #expect(reading.facts.rows == 3)
    }

    @Test("an error names its file, and the first one where that was the other way")
    func csvErrors() async throws {
        try write("1.csv", "time,load\n2026-10-31T00:00Z,1\n")
        try write("2.csv", "time,power\n2026-11-01T00:00Z,2\n")
        #expect(await csvFailure("*.csv")?.hasPrefix("2.csv, line 1: there is no column 'load'") == true)
        #expect(await csvFailure("*.csv")?.hasSuffix("unlike in 1.csv") == true)
        try write("2.csv", "time,load\n2026-11-01T00:00Z,2\n2026-11-01T01:00Z,x\n")
        #expect(await csvFailure("*.csv") == "2.csv, line 3, column 'load': not a number: 'x'")
        try write("2.csv", "time,load\n2026-11-01T00:00,2\n")
        let offsets = "2.csv: timestamps lack the UTC offset, unlike in 1.csv; write all or none with one"
        #expect(await csvFailure("*.csv") == offsets)
    }

    private func parquet(_ storage: ParquetValues.Storage, _ kind: ParquetKind, day: Int64) throws -> [UInt8] {
        let columns = [
            ParquetColumn(name: "time", kind: .timestamp(.milliseconds, isUTC: true)),
            ParquetColumn(name: "load", kind: kind),
        ]
        var writer = try ParquetWriter(columns: columns)
        let times = ParquetValues(column: columns[0], storage: .int64([day * 86_400_000]))
        return try writer.rowGroup([times, ParquetValues(column: columns[1], storage: storage)]) + writer.finish()
    }

    @Test("Parquet files may differ in the size of numbers, but not in what they hold")
    func parquet() async throws {
        let source = ParquetSource(timestamp: "time", values: ["load"], transport: CurlTransport())
        try write("p/1.parquet", try parquet(.doubles([1.5]), .double, day: 1))
        try write("p/x/2.parquet", try parquet(.floats([2.5]), .float, day: 2))
        let frame = try await source.read("\(folder)/p/").frame
        #expect(frame.columns == [[1.5, 2.5]])
        #expect(frame.timestamps == [86_400, 172_800])
        try write("p/x/2.parquet", try parquet(.texts(ParquetTexts([[65]])), .string, day: 2))
        let error = await #expect(throws: ConnectorError.self) { _ = try await source.read("\(folder)/p/") }
        let text = error?.description.replacingOccurrences(of: folder + "/", with: "") ?? ""
        #expect(
            text.contains("p/x/2.parquet, column 'load': has the type string, and in p/1.parquet it has"),
            "\(text)"
        )
    }
}
