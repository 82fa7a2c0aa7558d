// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Connectors
import Forecasting
import Foundation
import HTTPTransport
import TestServers

/// A million points from a real InfluxDB 1 and a forecast of 100,000 points into it, beside curl moving the same bytes.
struct InfluxBench {
    private static let read = 1_000_000
    private static let written = 100_000

    let setting: BenchSetting

    func run() async throws {
        guard InfluxServer.isAvailable else {
            print("\nInfluxDB: not measured, there is no influxd ('make setup')")
            return
        }
        let server = try await InfluxServer()
        defer { server.stop() }
        let query = try await query(server)
        let write = try await write(server)
        print("\nInfluxDB 1, on the same machine\n")
        print("| work | curl s | ours s | ours beside curl | points/s: curl, ours |")
        print("|---|---|---|---|---|")
        func row(_ name: String, _ count: Int, _ seconds: (curl: Double, own: Double)) {
            let (curl, own) = seconds
            let rates = [curl, own].map { "\(Int(Double(count) / $0))" }.joined(separator: ", ")
            print("| \(name) | \(curl.shown) | \(own.shown) | \((own / curl).shown) | \(rates) |")
        }
        row("1,000,000 points queried to a frame", Self.read, query)
        row("100,000 points written", Self.written, write)
    }

    private func query(_ server: InfluxServer) async throws -> (curl: Double, own: Double) {
        let lines = (0..<Self.read).map { "load value=\(Double($0 % 4_001) / 8) \(1_600_000_000 + $0 * 60)" }
        try await server.fill("city", lines: lines)
        let source = InfluxSource(
            server: ServerAddress(url: server.url, login: InfluxServer.login),
            selection: SeriesSelection(timestamp: "time", values: ["value"]),
            transport: CurlTransport()
        )
        let form = "q=SELECT%20value%20FROM%20load&db=city&epoch=ns&chunked=true&chunk_size=10000"
        let arguments = ["-s", "-o", "/dev/null", "-u", Self.user, "-d", form, server.url + "/query"]
        let question = InfluxQuery.influxQL("SELECT value FROM load", database: "city", retentionPolicy: nil)
        return try await byTurns(rows: Self.read) {
            try curl(arguments)
        } own: {
            try await source.read(question).frame.rowCount
        }
    }

    /// curl sends the bodies that the sink would, packed beforehand, over one connection: what the server alone takes.
    private func write(_ server: InfluxServer) async throws -> (curl: Double, own: Double) {
        let points = Self.forecast
        let sink = InfluxSink(
            server: ServerAddress(url: server.url, login: InfluxServer.login),
            target: .database("city", retentionPolicy: nil),
            transport: CurlTransport(),
            pauses: []
        )
        var arguments: [String] = []
        for start in stride(from: 0, to: points.count, by: InfluxSink.batchSize) {
            let file = setting.folder.appendingPathComponent("batch-\(start)")
            let batch = Array(points[start..<min(start + InfluxSink.batchSize, points.count)])
            try Data(try InfluxSink.packed(batch, for: server.url)).write(to: file)
            arguments += arguments.isEmpty ? [] : ["--next"]
            arguments += ["-s", "-o", "/dev/null", "-u", Self.user, "-H", "Content-Encoding: gzip", "--data-binary"]
            arguments += ["@\(file.path)", server.url + "/write?db=city&precision=s"]
        }
        return try await byTurns(rows: Self.written) {
            try curl(arguments)
        } own: {
            try await sink.write(points)
            return points.count
        }
    }

    /// The least seconds of each.
    private func byTurns(
        rows: Int,
        curl: () throws -> Void,
        own: () async throws -> Int
    ) async throws -> (curl: Double, own: Double) {
        var times: (curl: [Double], own: [Double]) = ([], [])
        for _ in 0..<setting.rounds {
            times.curl.append(
                try await setting.seconds(rows: rows) {
                    try curl()
                    return rows
                }
            )
            times.own.append(try await setting.seconds(rows: rows) { try await own() })
        }
        return (times.curl.min() ?? 0, times.own.min() ?? 0)
    }

    private static let user = "\(InfluxServer.user):\(InfluxServer.password)"

    private func curl(_ arguments: [String]) throws {
        let program = Process()
        program.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
        program.arguments = arguments
        try program.run()
        program.waitUntilExit()
        guard program.terminationStatus == 0 else {
            throw ValidationError("curl ended with status \(program.terminationStatus)")
        }
    }

    private static var forecast: [LinePoint] {
        (0..<written).map { index in
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
