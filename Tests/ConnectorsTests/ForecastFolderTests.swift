// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import Synchronization
import TestServers
import Testing

@testable import Connectors

@Suite("Folders that forecasts are written into")
struct ForecastFolderTests {
    private let root: URL

    init() throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("almanac-folder-\(UUID().uuidString)")
    }

    /// All that is below the folder, hidden or not.
    private func contents() -> [String] {
        (FileManager.default.subpaths(atPath: root.path) ?? []).filter { path in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(root.path)/\(path)", isDirectory: &isFolder)
            return !isFolder.boolValue
        }
        .sorted()
    }

    @Test("a file is written into folders that are made, and replaced when it is written again")
    func directory() async throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let folder = ForecastFolder(path: root.path)
        try await folder.write([1, 2], as: "team/load/a.csv")
        try await folder.write([3], as: "team/load/b.csv")
        try await folder.write([4, 5, 6], as: "team/load/a.csv")
        #expect(contents() == ["team/load/a.csv", "team/load/b.csv"])
        #expect(try Data(contentsOf: root.appendingPathComponent("team/load/a.csv")) == Data([4, 5, 6]))
        #expect(folder.shown("x.csv") == "\(root.path)/x.csv")
    }

    @Test(
        "a disk that is full at any moment leaves the old file or none, says so with the path, and may be tried again"
    )
    func fullDisk() async throws {
        defer { try? FileManager.default.removeItem(at: root) }
        var failures = 0
        for step in 0..<20 {
            for old in [[UInt8]](arrayLiteral: [], [9, 9]) {
                let name = "team/load/\(step)-\(old.count).csv"
                if !old.isEmpty { try await ForecastFolder(path: root.path).write(old, as: name) }
                let disk = FullDisk(after: step)
                do throws(ConnectorError) {
                    try await ForecastFolder(path: root.path, files: disk).write([1, 2, 3, 4], as: name)
                } catch {
                    failures += 1
                    #expect(error.isRetryable)
                    let message = error.description
                    #expect(message.hasPrefix("cannot write to \(root.path)/\(name): "), "\(message)")
                    #expect(message.hasSuffix("No space left on device"), "\(message)")
                }
                let there = FileManager.default.contents(atPath: "\(root.path)/\(name)")
                #expect(there == Data([1, 2, 3, 4]) || there == (old.isEmpty ? nil : Data(old)))
            }
        }
        #expect(failures >= 8)
        #expect(contents().allSatisfy { !$0.contains("/.") || $0.contains("/.partial-") })
    }

    @Test("a folder of a bucket is s3:// and a bucket, and perhaps folders")
    func locations() throws {
        #expect(try S3Folder("s3://b").prefix == "")
        #expect(try S3Folder("s3://b/").prefix == "")
        #expect(try S3Folder("s3://b//a/b//").prefix == "a/b/")
        for text in ["", "s3://", "s3:///a", "http://b/a", "b/a", "s3://b/../a", "s3://b/./a", "s3://b/a*"] {
            #expect(throws: ConnectorError.self, "\(text)") { try S3Folder(text) }
        }
    }

    @Test(
        "an object is put whole, in parts where it is large, and our source reads it",
        .enabled(if: SeaweedFS.isAvailable)
    )
    func bucket() async throws {
        let client = try await S3Server.client(partSize: 5 << 20)
        let prefix = "forecasts/\(UUID())"
        let folder = ForecastFolder(try S3Folder("s3://models/\(prefix)"), of: client)
        for (format, version) in zip(ForecastFormat.allCases, ["1", "2"]) {
            var table = ForecastTableTests.table
            table.version = version
            let name = "team/load/\(version).\(format.fileExtension)"
            for _ in 0..<2 { try await folder.write(try format.encoded(table, for: ""), as: name) }
        }
        let objects = try await client.list(prefix: prefix).objects.map(\.key)
        #expect(objects == ["\(prefix)/team/load/1.csv", "\(prefix)/team/load/2.parquet"])
        let source = ParquetSource(timestamp: "time", values: ["ü"], transport: CurlTransport())
        let frame = try await source.read(try S3Location("s3://models/\(prefix)/team/load/*.parquet"), of: client).frame
        #expect(frame.timestamps == ForecastTableTests.table.times)
        let large = S3Server.bytes(11 << 20, seed: 3)
        try await folder.write(large, as: "large")
        #expect(try await client.get("\(prefix)/large") == large)
        #expect(try await client.unfinishedUploads(prefix: prefix) == [])
    }

    @Test("a bucket's refusals are told apart, and nothing is left where an upload in parts fails")
    func refusals() async throws {
        func failure(_ status: Int, _ code: String) async throws -> ConnectorError? {
            let client = try S3Server.scripted(ScriptedS3(status: status, S3FailureTests.error(code)))
            let folder = ForecastFolder(try S3Folder("s3://models/f"), of: client)
            return await #expect(throws: ConnectorError.self) { try await folder.write([1], as: "a.csv") }
        }
        let place = "s3://models/f/a.csv at http://store:9000"
        let busy = try await failure(503, "SlowDown")
        #expect(busy?.isRetryable == true && busy?.description.hasPrefix("cannot write to \(place): ") == true)
        let missing = try await failure(404, "NoSuchBucket")
        #expect(missing?.isRetryable == false, "\(missing?.description ?? "")")
        #expect(missing?.description.hasPrefix("\(place) refused the rows: there is no such bucket") == true)
        for code in ["AccessDenied", "ExpiredToken", "InvalidAccessKeyId", "SignatureDoesNotMatch"] {
            guard case .s3(let problem) = try await failure(403, code) else {
                Issue.record("\(code)")
                continue
            }
            #expect([.credentialsRejected, .accessDenied].contains(problem.kind))
        }
        let begun = "<InitiateMultipartUploadResult><UploadId>7</UploadId></InitiateMultipartUploadResult>"
        let server = ScriptedS3([
            .success(HTTPResponse(status: 200, body: Data(begun.utf8))),
            .success(HTTPResponse(status: 403, body: Data(S3FailureTests.error("AccessDenied").utf8))),
        ])
        let folder = ForecastFolder(try S3Folder("s3://models"), of: try S3Server.scripted(server))
        await #expect(throws: ConnectorError.self) { try await folder.write(Array(repeating: 1, count: 11), as: "a") }
        let last = server.requests.last
        #expect(last?.method == "DELETE" && last?.url.contains("uploadId=7") == true)
    }
}

/// A disk without room from some operation on; what is removed can be removed.
private final class FullDisk: ArtifactFileSystem {
    private let base = POSIXFileSystem()
    private let left: Mutex<Int>

    init(after steps: Int) { left = Mutex(steps) }

    private func step(_ operation: String, _ path: String) throws(ForecastingError) {
        let isFull = left.withLock { left in
            left -= 1
            return left < 0
        }
        if isFull { throw .fileSystem(operation: operation, path: path, reason: "No space left on device") }
    }

    func read(_ path: String) throws(ForecastingError) -> [UInt8]? { try base.read(path) }
    func open(_ path: String) throws(ForecastingError) -> (any ArtifactReader)? { try base.open(path) }
    func list(_ directory: String) throws(ForecastingError) -> [String] { try base.list(directory) }
    func modificationTime(_ path: String) throws(ForecastingError) -> Int64? { try base.modificationTime(path) }
    func removeDirectory(_ path: String) throws(ForecastingError) { try base.removeDirectory(path) }
    func removeFile(_ path: String) throws(ForecastingError) { try base.removeFile(path) }

    func makeDirectory(_ path: String) throws(ForecastingError) {
        try step("make directory", path)
        try base.makeDirectory(path)
    }

    func makeTemporaryDirectory(in directory: String, prefix: String) throws(ForecastingError) -> String {
        try step("make directory in", directory)
        return try base.makeTemporaryDirectory(in: directory, prefix: prefix)
    }

    /// Half of the bytes still find room.
    func write(_ bytes: SegmentedBytes, to path: String) throws(ForecastingError) {
        do throws(ForecastingError) {
            try step("write", path)
        } catch {
            try base.write(SegmentedBytes(bytes[0..<(bytes.count / 2)]), to: path)
            throw error
        }
        try base.write(bytes, to: path)
    }

    func synchronize(directory: String) throws(ForecastingError) {
        try step("synchronise", directory)
        try base.synchronize(directory: directory)
    }

    func rename(_ source: String, to target: String) throws(ForecastingError) -> Bool {
        try step("rename to", target)
        return try base.rename(source, to: target)
    }
}
