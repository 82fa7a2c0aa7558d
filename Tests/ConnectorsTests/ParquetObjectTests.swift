// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import Parquet
import Synchronization
import TestServers
import Testing

@testable import Connectors

@Suite("Parquet of a bucket")
struct ParquetObjectTests {
    private static let source = ParquetSource(timestamp: "t", values: ["a"], transport: CurlTransport())
    private static let hour: Int64 = 3_600_000

    /// A file of hours from `first` on, in row groups of `groupRows`, with a wide column that nobody reads.
    private static func file(
        from first: Int64,
        rows: Int,
        groupRows: Int = .max,
        time: ParquetKind = .timestamp(.milliseconds, isUTC: true),
        value: ParquetKind = .double
    ) throws -> [UInt8] {
        let columns = [
            ParquetColumn(name: "wide", kind: .string), ParquetColumn(name: "t", kind: time),
            ParquetColumn(name: "a", kind: value),
        ]
        var writer = try ParquetWriter(columns: columns, options: .init(codec: .uncompressed))
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: rows, by: min(groupRows, rows)) {
            let group = start..<min(start + min(groupRows, rows), rows)
            let numbers = group.map { Double(first) + Double($0) }
            let storage: ParquetValues.Storage =
                switch value {
                case .string: .texts(ParquetTexts(numbers.map { Array("\($0)".utf8) }))
                case .integer: .int32(numbers.map { Int32($0) })
                case .boolean: .booleans(numbers.map { $0 > 0 })
                default: .doubles(numbers)
                }
            bytes += try writer.rowGroup([
                ParquetValues(
                    column: columns[0],
                    storage: .texts(
                        ParquetTexts(group.map { Array("\($0) \(String(repeating: "x", count: 200))".utf8) })
                    )
                ),
                ParquetValues(column: columns[1], storage: .int64(group.map { (first + Int64($0)) * hour })),
                ParquetValues(column: columns[2], storage: storage),
            ])
        }
        return bytes + writer.finish()
    }

    @Test(
        "an object, a folder or what a star matches is read in the order of keys",
        .enabled(if: SeaweedFS.isAvailable)
    )
    func partitions() async throws {
        let client = try await S3Server.client()
        let folder = "parquet/\(UUID())"
        try await client.put("\(folder)/month=2/part-0.parquet", try Self.file(from: 20, rows: 4))
        try await client.put("\(folder)/month=1/part-0.parquet", try Self.file(from: 10, rows: 3))
        try await client.put("\(folder)/month=1/part-1.parquet", try Self.file(from: 13, rows: 2))
        try await client.put("\(folder)/_SUCCESS", [])
        try await client.put("\(folder)/_temporary/0/part-9.parquet", Array("half".utf8))
        let seen = Mutex<[Int]>([])
        func hours(_ location: String) async throws -> [Int64] {
            let location = try S3Location("s3://models/\(folder)\(location)")
            let rows = try await Self.source.read(location, of: client) { rows in seen.withLock { $0.append(rows) } }
            let frame = rows.frame
            #expect(frame.columns == [frame.timestamps.map { Double($0 / 3_600) }])
            return frame.timestamps.map { $0 / 3_600 }
        }
        #expect(try await hours("/") == [10, 11, 12, 13, 14, 20, 21, 22, 23])
        #expect(seen.withLock { $0 } == [3, 5, 9])
        #expect(try await hours("/month=1/part-*.parquet") == [10, 11, 12, 13, 14])
        #expect(try await hours("/month=2/part-0.parquet") == [20, 21, 22, 23])
    }

    @Test("of a large object only the footer, and the columns and row groups that are wanted, are fetched")
    func pruning() async throws {
        let bytes = try Self.file(from: 0, rows: 10_000, groupRows: 1_000)
        let bucket = RangedBucket(["big.parquet": bytes])
        var source = Self.source
        source.times = 7_200 * 3_600...(7_250 * 3_600)
        let client = S3Client(
            bucket: try S3Bucket(endpoint: "http://store:9000", name: "data"),
            credentials: .anonymous,
            transport: bucket
        )
        let frame = try await source.read(try S3Location("s3://data/big.parquet"), of: client).frame
        #expect(frame.timestamps.map { $0 / 3_600 } == Array(7_200...7_250))
        let ranges = bucket.ranges
        #expect(ranges.first == "bytes=-65536")
        #expect(ranges.count == 3, "\(ranges)")
        #expect(bytes.count > 2_000_000 && bucket.sent < 90_000, "\(bucket.sent) of \(bytes.count)")
    }

    @Test("an empty row group far from the end asks for nothing")
    func emptyRowGroup() async throws {
        let time = ParquetColumn(name: "t", kind: .timestamp(.milliseconds, isUTC: true))
        let value = ParquetColumn(name: "a", kind: .double)
        var writer = try ParquetWriter(columns: [time, value], options: .init(codec: .uncompressed, encoding: .plain))
        var bytes: [UInt8] = []
        for rows in [0, 20_000] {
            bytes += try writer.rowGroup([
                ParquetValues(column: time, storage: .int64((0..<rows).map { Int64($0) * Self.hour })),
                ParquetValues(column: value, storage: .doubles((0..<rows).map(Double.init))),
            ])
        }
        let bucket = RangedBucket(["a.parquet": bytes + writer.finish()])
        let place = try S3Bucket(endpoint: "http://store:9000", name: "data")
        let client = S3Client(bucket: place, credentials: .anonymous, transport: bucket)
        let frame = try await Self.source.read(try S3Location("s3://data/a.parquet"), of: client).frame
        #expect(frame.rowCount == 20_000)
        #expect(bucket.ranges.count == 3, "\(bucket.ranges)")
    }

    @Test(
        "a column that is of another kind in another file is told with both files",
        .enabled(if: SeaweedFS.isAvailable),
        arguments: [
            ("value", "column 'a': has the type string, and in FIRST it has the type double"),
            ("truth", "column 'a': has the type boolean, and in FIRST it has the type double"),
            (
                "time",
                "column 't': has the type timestamp[ms], and in FIRST it has the type timestamp[ms, UTC]"
            ),
        ]
    )
    func changedTypes(change: String, message: String) async throws {
        let client = try await S3Server.client()
        let folder = "parquet/\(UUID())"
        try await client.put("\(folder)/1.parquet", try Self.file(from: 0, rows: 2))
        // Numbers of another size are no other kind.
        let whole = ParquetKind.integer(bits: 32, isSigned: true)
        try await client.put("\(folder)/2.parquet", try Self.file(from: 2, rows: 2, value: whole))
        let last =
            switch change {
            case "value": try Self.file(from: 4, rows: 2, value: .string)
            case "truth": try Self.file(from: 4, rows: 2, value: .boolean)
            default: try Self.file(from: 4, rows: 2, time: .timestamp(.milliseconds, isUTC: false))
            }
        let location = try S3Location("s3://models/\(folder)/")
        #expect(try await Self.source.read(location, of: client).frame.timestamps == [0, 3_600, 7_200, 10_800])
        try await client.put("\(folder)/3.parquet", last)
        let error = await #expect(throws: ConnectorError.self) { try await Self.source.read(location, of: client) }
        let first = "s3://models/\(folder)/1.parquet"
        let expected = "s3://models/\(folder)/3.parquet, " + message.replacing("FIRST", with: first)
        #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(first) == true, "\(error?.description ?? "")")
    }

    @Test("what is no Parquet, no object, no answer or half of one is told with the object")
    func faults() async throws {
        let bytes = try Self.file(from: 0, rows: 10_000, groupRows: 1_000)
        let html = Array("<!DOCTYPE html><html><body>Sign in, please</body></html>".utf8)
        let bucket = RangedBucket(["page": html, "empty": [], "cut": Array(bytes.dropLast(40)), "good": bytes])
        var retries = S3Retries()
        retries.sleep = { _ in }
        let client = S3Client(
            bucket: try S3Bucket(endpoint: "http://store:9000", name: "data"),
            credentials: .anonymous,
            transport: bucket,
            retries: retries
        )
        func problem(_ key: String) async throws -> ConnectorError? {
            let location = try S3Location("s3://data/\(key)")
            return await #expect(throws: ConnectorError.self) { try await Self.source.read(location, of: client) }
        }
        #expect(
            try await problem("page")?.description
                == "s3://data/page is not a Parquet file: it does not end with PAR1"
        )
        #expect(try await problem("empty")?.description == "s3://data/empty: the file is empty")
        #expect(try await problem("cut")?.description.contains("its end is missing; is it whole?") == true)
        let missing = try await problem("none")
        #expect(missing?.isRetryable == false && missing?.description.contains("NoSuchKey") == true)
        bucket.cutsAfterTail.store(true, ordering: .relaxed)
        let half = try await problem("good")
        #expect(half?.isRetryable == true, "\(half?.description ?? "")")
        #expect(half?.description.contains("s3://data/good") == true)
    }
}

/// A bucket that knows ranges and tells what it was asked for.
private final class RangedBucket: HTTPTransport {
    /// Whether answers but those with an object's end break off.
    let cutsAfterTail = Atomic(false)
    private let objects: [String: [UInt8]]
    private let asked = Mutex<(ranges: [String], sent: Int)>(([], 0))

    init(_ objects: [String: [UInt8]]) { self.objects = objects }

    var ranges: [String] { asked.withLock { $0.ranges } }
    var sent: Int { asked.withLock { $0.sent } }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let key = request.url.split(separator: "/").last.map(String.init) ?? ""
        let range = request.headers.first(named: "Range") ?? ""
        asked.withLock { $0.ranges.append(range) }
        guard let bytes = objects[key] else {
            return HTTPResponse(status: 404, body: Data(S3FailureTests.error("NoSuchKey").utf8))
        }
        if bytes.isEmpty { return HTTPResponse(status: 416) }
        let ends = range.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        let isTail = ends.first == ""
        let first = isTail ? max(0, bytes.count - (Int(ends[1]) ?? 0)) : Int(ends[0]) ?? 0
        let last = isTail ? bytes.count - 1 : min(Int(ends[1]) ?? 0, bytes.count - 1)
        let isCut = !isTail && cutsAfterTail.load(ordering: .relaxed)
        let part = Array(isCut ? bytes[first..<first] : bytes[first...last])
        asked.withLock { $0.sent += part.count }
        let headers = [
            HTTPHeader("Content-Range", "bytes \(first)-\(last)/\(bytes.count)"), HTTPHeader("ETag", "\"e\""),
            HTTPHeader("Content-Length", "\(last - first + 1)"),
        ]
        return HTTPResponse(status: 206, headers: headers, body: Data(part))
    }

    func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse {
        let response = try await send(request)
        let body = AsyncThrowingStream<Data, any Error> { continuation in
            continuation.yield(response.body)
            continuation.finish()
        }
        return HTTPStreamingResponse(status: response.status, headers: response.headers, body: body)
    }
}
