// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import TestServers
import Testing

@testable import Connectors

/// Measures, and so runs only when asked:
/// `ALMANAC_MEASURE_INFLUX=1 swift test -c release -Xswiftc -enable-testing --filter InfluxThroughputTests`
@Suite(
    "how fast InfluxDB is read and written",
    .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["ALMANAC_MEASURE_INFLUX"] != nil),
    .enabled(if: InfluxServer.isAvailable, "no influxd")
)
struct InfluxThroughputTests {
    private static let count = 1_000_000

    private static func seconds(_ work: () async throws -> Void) async rethrows -> Double {
        let begin = ContinuousClock.now
        try await work()
        return (ContinuousClock.now - begin) / .seconds(1)
    }

    @Test("a million points take at most 1.2 times of what curl takes to move the same bytes")
    func million() async throws {
        let server = try await InfluxServer()
        let lines = (0..<Self.count).map { "load value=\(Double($0 % 4_001) / 8) \(1_600_000_000 + $0 * 60)" }
        try await server.fill("city", lines: lines)
        let query = "SELECT value FROM load"
        let source = InfluxSource(
            server: ServerAddress(url: server.url, login: InfluxServer.login),
            selection: SeriesSelection(timestamp: "time", values: ["value"]),
            transport: CurlTransport()
        )
        let form = "q=SELECT%20value%20FROM%20load&db=city&epoch=ns&chunked=true&chunk_size=10000"
        var ratios: [Double] = []
        for _ in 0..<5 {
            let curl = try await Self.seconds {
                try Self.curl(["-s", "-o", "/dev/null", "-u", Self.user, "-d", form, server.url + "/query"])
            }
            let own = try await Self.seconds {
                let frame = try await source.read(.influxQL(query, database: "city", retentionPolicy: nil))
                #expect(frame.rowCount == Self.count)
            }
            print("curl \(curl) s, source \(own) s, ratio \(own / curl)")
            ratios.append(own / curl)
        }
        #expect(ratios.sorted()[2] <= 1.2)
        server.stop()
    }

    @Test("100,000 points are written in at most 1.2 times of what curl takes to send the same packed bytes")
    func write() async throws {
        let server = try await InfluxServer()
        try await server.fill("city", lines: ["other v=1 0"])
        let points = Self.forecast
        let sink = InfluxSink(
            server: ServerAddress(url: server.url, login: InfluxServer.login),
            target: .database("city", retentionPolicy: nil),
            transport: CurlTransport(),
            pauses: []
        )
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("batches-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var arguments: [String] = []
        for start in stride(from: 0, to: points.count, by: InfluxSink.batchSize) {
            var writer = LineProtocolWriter()
            for point in points[start..<start + InfluxSink.batchSize] { try writer.append(point, url: "") }
            let file = folder.appendingPathComponent("\(start)")
            try Data(GzipDeflater.packed(writer.bytes)).write(to: file)
            arguments += arguments.isEmpty ? [] : ["--next"]
            arguments += ["-s", "-o", "/dev/null", "-u", Self.user, "-H", "Content-Encoding: gzip", "--data-binary"]
            arguments += ["@\(file.path)", server.url + "/write?db=city&precision=s"]
        }
        var ratios: [Double] = []
        for _ in 0..<5 {
            let curl = try await Self.seconds { try Self.curl(arguments) }
            let own = try await Self.seconds { try await sink.write(points) }
            print("curl \(curl) s, sink \(own) s, ratio \(own / curl), \(100_000 / own) points/s")
            ratios.append(own / curl)
        }
        #expect(ratios.sorted()[2] <= 1.2)
        server.stop()
    }

    private static let user = "\(InfluxServer.user):\(InfluxServer.password)"

    private static func curl(_ arguments: [String]) throws {
        let program = Process()
        program.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
        program.arguments = arguments
        try program.run()
        program.waitUntilExit()
        #expect(program.terminationStatus == 0)
    }

    private static var forecast: [LinePoint] {
        (0..<100_000).map { index in
            LinePoint(
                measurement: "forecast",
                tags: ["pipeline": "parking", "version": "20261121-034500", "column": "taken"],
                fields: [
                    "value": .double(Double(index % 997) / 7), "step": .integer(Int64(index + 1)),
                    "issued": .integer(1_795_230_000),
                ],
                time: 1_600_000_000 + Int64(index) * 60
            )
        }
    }
}
