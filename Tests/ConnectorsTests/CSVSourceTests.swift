// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import Synchronization
import Testing

@testable import Connectors

@Suite("CSV from files and servers")
struct CSVSourceTests {
    private static let text = "time,a\n2016-07-01 00:00:00,1\n2016-07-01 01:00:00,2\n"
    private static let url = "https://user:secret@data.example/a.csv?token=secret&day=1#secret"
    private static let shownURL = "https://data.example/a.csv?token=…&day=…"

    private static let samples = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "deploy/samples/data")

    private static func source(_ values: [String] = ["a"], _ transport: ScriptedTransport = .init()) -> CSVSource {
        CSVSource(selection: CSVSelection(timestamp: "time", values: values), transport: transport)
    }

    private static func failure(_ transport: ScriptedTransport) async -> ConnectorError? {
        await #expect(throws: ConnectorError.self) { _ = try await source(["a"], transport).read(url) }
    }

    @Test("the sample that ships is two gap-free years with 104 empty hours")
    func sample() async throws {
        let steps = Mutex<[CSVProgress]>([])
        let path = Self.samples.appending(path: "metro-traffic.csv.gz").path
        let reading = try await Self.source(["traffic_volume", "temp", "clouds_all"]).read(path) { step in
            steps.withLock { $0.append(step) }
        }
        let frame = reading.frame
        #expect(frame.rowCount == 17_520)
        #expect(frame.timestamps.first == 1_475_280_000)
        #expect(zip(frame.timestamps, frame.timestamps.dropFirst()).allSatisfy { $1 - $0 == 3600 })
        #expect(frame.columns.map { $0.count(where: \.isNaN) } == [104, 104, 104])
        #expect(frame.columns[0].filter { !$0.isNaN }.reduce(0, +) == 57_833_978)
        #expect(reading.facts == CSVProgress(bytes: 134_065, rows: 17_520))
        let last = steps.withLock { $0.last }
        #expect(last?.bytes == 134_065)
    }

    @Test("an answer is read whatever its pieces", arguments: [1, 10, 1000])
    func answer(_ pieceSize: Int) async throws {
        let transport = ScriptedTransport(body: Data(Self.text.utf8), pieceSize: pieceSize)
        let source = CSVSource(
            selection: CSVSelection(timestamp: "time", values: ["a"]),
            transport: transport,
            headers: [HTTPHeader("Authorization", "Bearer secret")]
        )
        let reading = try await source.read(Self.url)
        #expect(reading.frame.columns == [[1, 2]])
        #expect(reading.facts == CSVProgress(bytes: Int64(Self.text.utf8.count), rows: 2))
        let sent = transport.requests.withLock { $0 }
        let request = try #require(sent.first)
        #expect(request.url == Self.url)
        #expect(request.headers == [HTTPHeader("Authorization", "Bearer secret")])
        #expect(request.timeout == nil)
        #expect(request.idleTimeout == .seconds(30))
    }

    @Test("a status other than 200 names the URL without its secrets, and whether a retry may help")
    func statuses() async {
        let cases: [(Int, ConnectorError)] = [
            (404, .sourceNotFound(location: Self.shownURL, reason: "the server answered with status 404")),
            (401, .credentialsRejected(url: Self.shownURL, status: 401)),
            (503, .sourceUnreachable(url: Self.shownURL, reason: "the server answered with status 503")),
            (429, .sourceUnreachable(url: Self.shownURL, reason: "the server answered with status 429")),
            (204, .badSpecification(field: "location", problem: "\(Self.shownURL) answered with status 204, not 200")),
        ]
        for (status, expected) in cases {
            let error = await Self.failure(ScriptedTransport(status: status))
            #expect(error == expected)
            #expect(error?.isRetryable == (status == 503 || status == 429))
        }
    }

    @Test("failures of the transport, before and inside the body, never show the URL's secrets")
    func transportFailures() async {
        let failures: [HTTPTransportError] = [
            .cannotConnect(url: Self.url, reason: "refused"), .timedOut(url: Self.url, after: .seconds(30)),
            .connectionLost(url: Self.url, reason: "reset"), .tls(url: Self.url, reason: "expired"),
            .invalidURL(Self.url),
        ]
        for failure in failures {
            for transport in [ScriptedTransport(failure: failure), ScriptedTransport(bodyFailure: failure)] {
                let error = await Self.failure(transport)
                #expect(error?.description.contains("secret") == false)
                #expect(error?.description.contains(Self.shownURL) == true)
                if case .invalidURL = failure { continue }
                #expect(error?.isRetryable == true)
            }
        }
    }

    @Test("bad data names its source")
    func badData() async {
        let transport = ScriptedTransport(body: Data("time,a\n2016-07-01,x\n".utf8))
        let error = await Self.failure(transport)
        #expect(error?.description == "\(Self.shownURL), line 2, column 'a': not a number: 'x'")
    }

    @Test("files that are not there, directories and foreign schemes are told apart")
    func locations() async {
        func failure(_ location: String) async -> String? {
            await #expect(throws: ConnectorError.self) { _ = try await Self.source().read(location) }?.description
        }
        #expect(await failure("/nowhere/a.csv") == "cannot open /nowhere/a.csv: No such file or directory")
        #expect(await failure(Self.samples.path)?.contains("it is a directory; with '/' at its end") == true)
        #expect(await failure("s3://key:secret@b/a.csv")?.contains("secret") == false)
        #expect(await failure("") == "location: it is empty")
    }

    @Test("a series needs timestamps")
    func noTimestamps() async {
        let source = CSVSource(selection: CSVSelection(values: ["a"]), transport: ScriptedTransport())
        let error = await #expect(throws: ConnectorError.self) { _ = try await source.read("a.csv") }
        #expect(error == .badSpecification(field: "timestamp", problem: "a time series needs a column of timestamps"))
    }

    @Test("a cancelled read stops and says so", .timeLimit(.minutes(1)))
    func cancellation() async {
        let outcome = await withTaskGroup(of: ConnectorError?.self) { group in
            group.addTask {
                await #expect(throws: ConnectorError.self) {
                    _ = try await Self.source(["a"], ScriptedTransport(isEndless: true)).read(Self.url)
                }
            }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(outcome == .cancelled)
    }

    @Test(
        "a redacted URL keeps what helps and nothing else",
        arguments: [
            ("http://h/p", "http://h/p"), ("http://u:p@q@h:1/p@x?a=b&c", "http://h:1/p@x?a=…&…"),
            ("https://h?k=v", "https://h?k=…"), ("http://h/#f", "http://h/"), ("u:p@h/p", "h/p"), ("", ""),
            ("http://u@h#a?b", "http://h"), ("http://h/p?", "http://h/p?…"),
        ]
    )
    func redaction(_ url: String, _ shown: String) {
        #expect(RedactedURL(url).description == shown)
    }
}

/// A server that answers as told.
private final class ScriptedTransport: HTTPTransport {
    let requests = Mutex<[HTTPRequest]>([])
    private let status: Int
    private let pieces: [Data]
    private let failure: HTTPTransportError?
    private let bodyFailure: HTTPTransportError?
    private let isEndless: Bool

    init(
        status: Int = 200,
        body: Data = Data(),
        pieceSize: Int = 1000,
        failure: HTTPTransportError? = nil,
        bodyFailure: HTTPTransportError? = nil,
        isEndless: Bool = false
    ) {
        self.status = status
        pieces = stride(from: 0, to: body.count, by: pieceSize).map { start in
            body[start..<min(start + pieceSize, body.count)]
        }
        self.failure = failure
        self.bodyFailure = bodyFailure
        self.isEndless = isEndless
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        HTTPResponse(status: status)
    }

    func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse {
        requests.withLock { $0.append(request) }
        if let failure { throw failure }
        let body = AsyncThrowingStream<Data, any Error> { continuation in
            for piece in pieces { continuation.yield(piece) }
            if !isEndless { continuation.finish(throwing: bodyFailure) }
        }
        return HTTPStreamingResponse(status: status, body: body)
    }
}
