// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeTestSupport
import TestServers
import Testing

@testable import Connectors

/// Measures, and so runs only when asked: `ALMANAC_MEASURE_S3=1 swift test --filter S3ThroughputTests`
@Suite(
    "how fast objects go to a bucket and back",
    .enabled(if: SeaweedFS.isAvailable && ProcessInfo.processInfo.environment["ALMANAC_MEASURE_S3"] != nil)
)
struct S3ThroughputTests {
    @Test("200 MB are written and read, the best of three, within twice the time of curl")
    func large() async throws {
        let bytes = S3Server.bytes(200_000_000, seed: 9)
        let client = try await S3Server.client(bucket: "open")
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("almanac-s3-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("file").path
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        let url = client.bucket.endpoint + "/open/curl"
        let wrote = try await best { try await client.put("almanac", bytes) }
        let curlWrote = try await best { try curl(["-T", file, url]) }
        var count: Int?
        let read = try await best { count = try await client.get("almanac")?.count }
        #expect(count == bytes.count)
        let curlRead = try await best { try curl(["-o", file, url]) }
        print("PUT \(wrote) s, curl \(curlWrote) s; GET \(read) s, curl \(curlRead) s")
        #expect(wrote < 2 * curlWrote && read < 2 * curlRead)
    }

    private func best(_ work: () async throws -> Void) async throws -> Double {
        var best = Double.infinity
        for _ in 0..<3 {
            let begin = ContinuousClock.now
            try await work()
            best = min(best, (ContinuousClock.now - begin) / .seconds(1))
        }
        return best
    }

    private func curl(_ arguments: [String]) throws {
        let process = try ChildProcess("/usr/bin/curl", ["-sf"] + arguments)
        process.endInput()
        #expect(process.waitForSuccess())
    }
}
