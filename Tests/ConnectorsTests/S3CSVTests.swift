// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import KubeTestSupport
import Synchronization
import TestServers
import Testing

@testable import Connectors

@Suite("CSV of a bucket")
struct S3CSVTests {
    private static let source = CSVSource(
        selection: CSVSelection(timestamp: "time", timestampFormat: .automatic, values: ["load"]),
        transport: CurlTransport()
    )

    @Test(
        "a location is a key, all below a folder, or what a star matches",
        arguments: [
            ("s3://b/a/x.csv", "a/x.csv", true), ("s3://b/a/x.csv", "a/x.csv2", false),
            ("s3://b/a/", "a/x/y.csv", true), ("s3://b/a/", "a/", false), ("s3://b/a/", "ab/x", false),
            ("s3://b/a/", "a/_SUCCESS", false), ("s3://b/a/", "a/.tmp/x.csv", false), ("s3://b/a/", "a/x_y.csv", true),
            ("s3://b/_a/", "_a/x.csv", true), ("s3://b/a/*", "a/_x", true),
            ("s3://b/a/part-*.csv", "a/part-01.csv", true),
            ("s3://b/a/part-*.csv", "a/part-.csv", true), ("s3://b/a/part-*.csv", "a/part-1.csv.gz", false),
            ("s3://b/a/part-*.csv", "a/part-1/2.csv", false), ("s3://b/*", "x", true), ("s3://b/*", "x/y", false),
            ("s3://b/*a*b", "xaab", true), ("s3://b/a/*", "a/.x", false), ("s3://b/a/.*", "a/.x", true),
            ("s3://b/*a*b", "xba", false), ("s3://b/**", "x", true),
        ]
    )
    func matching(location: String, key: String, isMeant: Bool) throws {
        #expect(try S3Location(location).matches(key) == isMeant)
    }

    @Test("what is no location is refused", arguments: ["s3://b", "s3:///k", "s3://b/", "http://b/k", "s3://*/*/k"])
    func locations(text: String) {
        #expect(throws: ConnectorError.self) { try S3Location(text) }
    }

    @Test(
        "partitions are read in the order of their keys, with their columns in any order",
        .enabled(if: SeaweedFS.isAvailable)
    )
    func partitions() async throws {
        let client = try await S3Server.client()
        let folder = "csv/\(UUID())"
        try await client.put("\(folder)/part-2.csv", Array("load,time,note\n2,2026-01-02,x\n".utf8))
        try await client.put("\(folder)/part-1.csv", Array("time,load\n2026-01-01,1\n".utf8))
        try await client.put("\(folder)/other.txt", Array("nothing".utf8))
        let seen = Mutex(CSVProgress(bytes: 0, rows: 0))
        let location = try S3Location("s3://models/\(folder)/part-*.csv")
        let reading = try await Self.source.read(location, of: client) { facts in seen.withLock { $0 = facts } }
        #expect(try reading.frame.selecting(["load"]).columns == [[1, 2]])
        #expect(reading.frame.timestamps == [1_767_225_600, 1_767_312_000])
        #expect(seen.withLock { $0 } == reading.facts && reading.facts.rows == 2)
        let one = try await Self.source.read(S3Location("s3://models/\(folder)/part-2.csv"), of: client)
        #expect(one.facts.rows == 1)
    }

    @Test("what is wrong in a partition is told with its name", .enabled(if: SeaweedFS.isAvailable))
    func badPartitions() async throws {
        let client = try await S3Server.client()
        let cases = [
            ("time,value\n2026-01-02,2\n", "load", true), ("time,load\n2026-01-02,high\n", "line 2", true),
            ("time,load\n2026-01-02,2\n2026-01-03,high\n", "line 3", false),
            ("time,load\n2026-01-02T00:00Z,2\n", "timestamps have a UTC offset", true),
        ]
        for (second, part, namesFirst) in cases {
            let folder = "csv/\(UUID())"
            try await client.put("\(folder)/1.csv", Array("time,load\n2026-01-01,1\n".utf8))
            try await client.put("\(folder)/2.csv", Array(second.utf8))
            let location = try S3Location("s3://models/\(folder)/")
            let error = await #expect(throws: ConnectorError.self) {
                try await Self.source.read(location, of: client)
            }
            #expect(error?.description.contains("s3://models/\(folder)/2.csv") == true)
            #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
            #expect(error?.description.contains(", unlike in s3://models/\(folder)/1.csv") == namesFirst)
        }
        let none = try S3Location("s3://models/csv/nothing-*.csv")
        let error = await #expect(throws: ConnectorError.self) { try await Self.source.read(none, of: client) }
        #expect(error?.description.contains("no object matches it") == true)
    }

    @Test("an object whose connection breaks is read on from there, and only while it is the same one")
    func resuming() async throws {
        let text = "time,load\n2026-01-01,1\n2026-01-02,2\n"
        let (first, rest) = (String(text.prefix(15)), String(text.dropFirst(15)))
        func answer(_ status: Int, _ body: String, length: Int) -> HTTPResponse {
            let headers = [HTTPHeader("ETag", "\"e\""), HTTPHeader("Content-Length", String(length))]
            return HTTPResponse(status: status, headers: headers, body: Data(body.utf8))
        }
        let whole = answer(200, first, length: text.utf8.count)
        let transport = ScriptedS3([whole, answer(206, rest, length: rest.utf8.count)].map { .success($0) })
        let location = try S3Location("s3://models/a.csv")
        let reading = try await Self.source.read(location, of: try S3Server.scripted(transport))
        #expect(reading.frame.columns == [[1, 2]])
        let second = transport.requests.last?.headers ?? []
        #expect(second.first(named: "Range") == "bytes=15-" && second.first(named: "If-Match") == "\"e\"")
        let replaced = HTTPResponse(status: 412, body: Data(S3FailureTests.error("PreconditionFailed").utf8))
        let changed = try S3Server.scripted(ScriptedS3([whole, replaced].map { .success($0) }))
        let error = await #expect(throws: ConnectorError.self) { try await Self.source.read(location, of: changed) }
        #expect(error?.description.contains("was replaced while it was read") == true)
        let stuck = try S3Server.scripted(ScriptedS3([.success(whole), .success(answer(206, "", length: 9))]))
        let given = await #expect(throws: ConnectorError.self) { try await Self.source.read(location, of: stuck) }
        #expect(given?.isRetryable == true && given?.description.contains("broke off") == true)
    }
}
