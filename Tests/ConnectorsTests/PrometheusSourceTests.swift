// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import HTTPTransport
import TestServers
import Testing

@testable import Connectors

@Suite(
    "A range query to a real Prometheus",
    .enabled(if: PrometheusServer.isAvailable, "no prometheus"),
    .serialized,
    .timeLimit(.minutes(2))
)
struct PrometheusSourceTests {
    private static let start: Int64 = 1_700_000_040
    private static let count = 25_000
    private static let bench = SharedServer()

    private actor SharedServer {
        private var started: PrometheusServer?

        func server() async throws -> PrometheusServer {
            if let started { return started }
            var lines = ["# TYPE spaces gauge"]
            for index in 0..<PrometheusSourceTests.count {
                let time = PrometheusSourceTests.start + Int64(index)
                // A gap of ten seconds, and one value that is none.
                if !(100..<110).contains(index) {
                    lines.append(#"spaces{site="noord"} \#(index == 50 ? "NaN" : "\(Double(index) / 8)") \#(time)"#)
                }
                if index < 300 { lines.append(#"spaces{site="zuid"} \#(index) \#(time)"#) }
            }
            let server = try await PrometheusServer(samples: lines)
            started = server
            return server
        }
    }

    private static func read(
        _ query: String,
        _ columns: PrometheusSource.Columns = .single("spaces"),
        rows: Int = 300,
        login: [HTTPHeader] = []
    ) async throws -> TimeSeriesFrame {
        let source = PrometheusSource(
            server: ServerAddress(url: try await bench.server().url, login: login),
            columns: columns,
            transport: CurlTransport()
        )
        return try await source.read(query, in: start..<(start + Int64(rows)), step: 1).rows.frame
    }

    private static func failure(
        _ query: String,
        _ columns: PrometheusSource.Columns = .single("spaces")
    ) async -> String? {
        await #expect(throws: ConnectorError.self) { _ = try await read(query, columns) }?.description
    }

    @Test("is split where it has more points than the server gives, and no point is lost or doubled")
    func split() async throws {
        let frame = try await Self.read(#"spaces{site="noord"}"#, rows: Self.count)
        let missing = Set(100..<110).union([50])
        let expected = (0..<Self.count).filter { !missing.contains($0) }
        // A series counts as there for the lookback delta of one second, the end of it included.
        let kept = zip(frame.timestamps, frame.columns[0]).filter { $0.0 - Self.start != 100 }
        #expect(kept.map(\.0) == expected.map { Self.start + Int64($0) })
        #expect(kept.map(\.1) == expected.map { Double($0) / 8 })
    }

    @Test("gives a column for each value of a label, with missing values where only another column has one")
    func labels() async throws {
        let frame = try await Self.read("spaces", .label("site", values: ["zuid", "noord"]))
        #expect(frame.names == ["zuid", "noord"])
        #expect(frame.rowCount == 300)
        #expect(frame.columns[0] == (0..<300).map(Double.init))
        #expect(frame.columns[1][50].isNaN && frame.columns[1][105].isNaN && frame.columns[1][51] == 51 / 8.0)
    }

    @Test("whose series do not match the columns says which, and what to do")
    func mismatches() async {
        let several = await Self.failure("spaces")
        #expect(several?.contains(#"{__name__="spaces", site="noord"} and {__name__="spaces", site="zuid"}"#) == true)
        #expect(several?.contains("columnLabel") == true)
        let unknown = await Self.failure("spaces", .label("site", values: ["west"]))
        #expect(unknown?.contains(#"no series has site="west"; other values of it are 'noord', 'zuid'"#) == true)
        let unlabelled = await Self.failure("sum(spaces)", .label("site", values: ["west"]))
        #expect(unlabelled?.contains("has no label 'site'") == true)
        let same = await Self.failure(
            #"label_replace(spaces, "all", "x", "", "")"#,
            .label("all", values: ["x"])
        )
        #expect(same?.contains("aggregate them by (all)") == true)
    }

    @Test("that cannot be understood, gives nothing or divides by nothing says so")
    func faults() async {
        let malformed = await Self.failure("sum(spaces")
        #expect(malformed?.contains("parse error") == true, "\(malformed ?? "")")
        for query in ["nothing", "spaces > 1e9", #"spaces{site="zuid"} * NaN"#] {
            #expect(await Self.failure(query)?.contains("has no data for this") == true, "\(query)")
        }
        let infinite = await Self.failure(#"spaces{site="zuid"} / 0 > 0"#)
        #expect(infinite?.contains("a point is infinite") == true, "\(infinite ?? "")")
        let clash = await Self.failure(#"spaces * on() spaces"#)
        #expect(clash?.contains("query: ") == true, "\(clash ?? "")")
    }
}

@Suite("Prometheus that does not answer as it should", .enabled(if: CannedServer.isAvailable), .timeLimit(.minutes(1)))
struct PrometheusFaultTests {
    private static func outcome(_ status: String = "200 OK", _ body: String) async throws -> Result<
        PrometheusReading, ConnectorError
    > {
        let server = try await CannedServer([CannedServer.answer(status, body)])
        let source = PrometheusSource(
            server: ServerAddress(url: server.url, login: [HTTPHeader("Authorization", "Bearer secret")]),
            columns: .single("v"),
            transport: CurlTransport()
        )
        do throws(ConnectorError) {
            return .success(try await source.read("v", in: 0..<600, step: 60))
        } catch {
            return .failure(error)
        }
    }

    @Test("statuses and errors tell what may heal, and no message shows a secret")
    func statuses() async throws {
        let cases = [
            ("503 Down", #"{"status":"error","errorType":"unavailable","error":"starting"}"#, true),
            ("400 Bad", #"{"status":"error","errorType":"bad_data","error":"starting"}"#, false),
            ("422 Bad", #"{"status":"error","errorType":"timeout","error":"starting"}"#, true),
            ("200 OK", #"{"status":"error","errorType":"execution","error":"starting"}"#, false),
            ("404 Not Found", "<html>", false), ("401 Unauthorized", "", false), ("200 OK", "<html>", false),
            ("200 OK", #"{"data":{"result":[{"values":[[60,"1"],[61,"2"]]}]}}"#, false),
            ("200 OK", #"{"data":{"result":[{"values":[[60,"1"],[120,"2"]"#, false),
        ]
        for (status, body, isRetryable) in cases {
            guard case .failure(let error) = try await Self.outcome(status, body) else {
                Issue.record("\(status) \(body)")
                continue
            }
            #expect(error.isRetryable == isRetryable, "\(error)")
            #expect(!error.description.contains("secret"))
            #expect(!body.contains("starting") || error.description.contains("starting"), "\(error)")
        }
    }

    @Test("warnings are handed on, since they may mean that data is missing")
    func warnings() async throws {
        let body =
            #"{"status":"success","warnings":["a store is down"],"data":{"resultType":"matrix","#
            + #""result":[{"metric":{},"values":[[60,"1.5"]]}]}}"#
        let reading = try await Self.outcome("200 OK", body).get()
        #expect(reading.warnings == ["a store is down"])
        #expect(reading.rows.frame.timestamps == [60] && reading.rows.frame.columns == [[1.5]])
    }
}
