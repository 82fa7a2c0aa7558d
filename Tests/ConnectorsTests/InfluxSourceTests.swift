// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import HTTPTransport
import TestServers
import Testing

@testable import Connectors

@Suite(
    "A query to a real InfluxDB",
    .enabled(if: InfluxServer.isAvailable, "no influxd"),
    .serialized,
    .timeLimit(.minutes(2))
)
struct InfluxSourceTests {
    /// One server for all tests of the suite, filled once.
    private static let bench = SharedServer()

    private actor SharedServer {
        private var started: InfluxServer?

        func server() async throws -> InfluxServer {
            if let started { return started }
            let server = try await InfluxServer()
            let rows = (0..<25_000).map {
                "load,site=noord value=\(Double($0) / 8),count=\($0)i \(1_700_000_000 + $0 * 60)"
            }
            let other = ["load,site=zuid value=1 1700000000", #"odd text="x",value=2 1700000000"#]
            let gap = ["gap,site=noord a=1 1700000000", "gap,site=noord b=2 1700000060"]
            try await server.fill("parking", lines: rows + other + gap)
            started = server
            return server
        }
    }

    private static func read(
        _ query: String,
        _ values: [String] = ["value"],
        database: String = "parking",
        retentionPolicy: String? = nil,
        login: [HTTPHeader] = InfluxServer.login
    ) async throws -> TimeSeriesFrame {
        let source = InfluxSource(
            server: ServerAddress(url: try await bench.server().url, login: login),
            selection: SeriesSelection(timestamp: "time", values: values),
            transport: CurlTransport()
        )
        return try await source.read(.influxQL(query, database: database, retentionPolicy: retentionPolicy)).frame
    }

    private static func failure(_ query: String, _ values: [String] = ["value"]) async -> ConnectorError? {
        await #expect(throws: ConnectorError.self) { _ = try await read(query, values) }
    }

    @Test("gives its columns by name, in the order that was asked for, over several chunks")
    func chunks() async throws {
        let frame = try await Self.read("SELECT count, value FROM load WHERE site = 'noord'", ["value", "count"])
        #expect(frame.names == ["value", "count"])
        #expect(frame.rowCount == 25_000)
        #expect(frame.timestamps == (0..<25_000).map { 1_700_000_000 + $0 * 60 })
        #expect(frame.columns[0] == (0..<25_000).map { Double($0) / 8 })
        #expect(frame.columns[1] == (0..<25_000).map(Double.init))
    }

    @Test("gives a value that is not there as a missing one")
    func nulls() async throws {
        let frame = try await Self.read("SELECT a, b FROM gap", ["b", "a"])
        #expect(frame.columns[0][0].isNaN && frame.columns[0][1] == 2)
        #expect(frame.columns[1][0] == 1 && frame.columns[1][1].isNaN)
    }

    @Test("is limited to a window whose end is excluded, where $timeFilter stands")
    func window() async throws {
        let query = InfluxQuery.influxQL(
            "SELECT mean(value) AS value FROM load WHERE site = 'noord' AND $timeFilter GROUP BY time(1h)",
            database: "parking",
            retentionPolicy: "autogen"
        )
        let limited = try #require(query.limited(to: 1_700_002_800..<1_700_010_000))
        guard case .influxQL(let text, _, _) = limited else { return }
        let frame = try await Self.read(text, retentionPolicy: "autogen")
        #expect(frame.timestamps == [1_700_002_800, 1_700_006_400])
        #expect(frame.columns[0][0] == (47..<107).reduce(0.0) { $0 + Double($1) / 8 } / 60)
        let plain = InfluxQuery.influxQL("SELECT value FROM load", database: "parking", retentionPolicy: nil)
        #expect(plain.limited(to: 0..<1) == nil)
    }

    @Test("with a wrong password, or with none, is told from one that is not reached, and shows neither")
    func credentials() async throws {
        let url = try await Self.bench.server().url + "/query"
        for login in [[], [HTTPHeader("Authorization", "Basic YWxtYW5hYzpzZWNyZXQ=")]] {
            let error = await #expect(throws: ConnectorError.self) {
                _ = try await Self.read("SELECT value FROM load", login: login)
            }
            #expect(error == .credentialsRejected(url: url, status: 401))
        }
    }

    @Test("of a database or retention policy that is not there says so")
    func notFound() async throws {
        let url = try await Self.bench.server().url
        let database = await #expect(throws: ConnectorError.self) {
            _ = try await Self.read("SELECT value FROM load", database: "parkng")
        }
        #expect(database == .sourceNotFound(location: url, reason: "database not found: parkng"))
        let policy = await #expect(throws: ConnectorError.self) {
            _ = try await Self.read("SELECT value FROM load", retentionPolicy: "year")
        }
        #expect(policy == .sourceNotFound(location: url, reason: "retention policy not found: year"))
    }

    @Test("that cannot be understood is a fault of the specification, in the server's words")
    func badQueries() async {
        for (query, words) in [
            ("SELEC value FROM load", "error parsing query: found SELEC"),
            ("SELECT guess(value) FROM load", "undefined function guess()"),
        ] {
            let error = await Self.failure(query)
            guard case .badSpecification("query", let problem) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(problem.contains(words))
        }
    }

    @Test("without a row is no data")
    func empty() async throws {
        let url = try await Self.bench.server().url
        for query in ["SELECT value FROM nothing", "SELECT value FROM load WHERE time < 0"] {
            #expect(await Self.failure(query) == .noData(source: url, hint: "the query gives no row"))
        }
    }

    @Test("that gives several series says which, and what to do")
    func severalSeries() async {
        for query in ["SELECT value FROM load GROUP BY site", "SELECT value FROM load, odd"] {
            let error = await Self.failure(query)
            #expect(error?.description.contains("several series") == true, "\(String(describing: error))")
            #expect(error?.isRetryable == false)
        }
        let tags = await Self.failure("SELECT value FROM load GROUP BY site")
        #expect(tags?.description.contains("load{site=noord} and load{site=zuid}") == true)
    }

    @Test("names the columns that there are, where one is missing, and the row that holds no number")
    func wrongColumns() async {
        let missing = await Self.failure("SELECT mean(value) FROM load")
        #expect(
            missing?.description.contains("no column 'value'; the columns are 'time', 'mean'; name it with AS") == true
        )
        let text = await Self.failure("SELECT text FROM odd", ["text"])
        #expect(text?.description.contains("column 'text': row 1 has a text where a number is needed: 'x'") == true)
    }

    @Test("that gives several answers is refused")
    func severalStatements() async {
        let error = await Self.failure("SELECT value FROM load WHERE site = 'noord'; SELECT value FROM odd")
        #expect(error?.description.contains("several series") == true)
    }
}
