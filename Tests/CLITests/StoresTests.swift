// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeCore
import Synchronization
import Testing

@testable import CLI

@Suite(
    "The sample of several stores",
    .enabled(if: BuiltWorker.program != nil, "almanac-worker is not built beside the tests"),
    .timeLimit(.minutes(2))
)
struct StoresTests {
    private static let samples = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "deploy/samples")

    /// A store, which goes with its owner.
    private final class Bench: Sendable {
        let folder: URL
        let written = Mutex("")

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("stores-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func run(
            serve: Bool,
            series: String? = nil,
            _ change: (inout ForecastPipelineSpec) -> Void = { _ in }
        ) async throws -> Int32 {
            var pipeline = try PipelineFile(path: StoresTests.samples.appending(path: "stores.yaml").path).pipeline
            change(&pipeline.spec)
            let local = LocalPipeline(
                pipeline: pipeline,
                folder: StoresTests.samples,
                options: RunOptions(
                    store: folder,
                    worker: try #require(BuiltWorker.program),
                    serve: serve,
                    keepServing: false,
                    series: series.map(SeriesArgument.init)
                ),
                console: Console(
                    isTerminal: false,
                    width: 80,
                    style: .plain,
                    write: { text in self.written.withLock { $0 += text } },
                    writeError: { text in self.written.withLock { $0 += text } }
                ),
                transport: CurlTransport(),
                backoff: { _ in .zero }
            )
            return try await local.run()
        }

        var text: String { written.withLock { $0 } }

        var forecast: ForecastFile {
            get throws { try ForecastFile.load(store: folder, namespace: "default", run: "stores-g1") }
        }
    }

    @Test("passes its gate with one model for eight series, leaves out the store that is new, and says so")
    func wholeRun() async throws {
        let bench = try Bench()
        #expect(try await bench.run(serve: false) == 0, "\(bench.text)")
        let text = bench.text
        #expect(text.contains("1 series with too few rows left out: store=harbour, item=bread"), "\(text)")
        #expect(text.contains("5840 rows of 8 series (1 series left out: store=harbour, item=bread)"), "\(text)")
        #expect(text.contains("% better than the seasonal naive forecast"), "\(text)")
        #expect(text.firstMatch(of: /Worst: +store=north, item=tea: MAE 0\.[0-9]+ deviations/) != nil, "\(text)")
        #expect(text.contains("runs/default/stores-g1/series.csv"))
        let forecast = try bench.forecast
        #expect(forecast.groupBy == ["store", "item"])
        #expect(forecast.series.map(\.key).first == ["east", "bread"] && forecast.series.count == 8)
        #expect(forecast.series.allSatisfy { $0.forecast.times.count == 14 && $0.quantiles?.count == 3 })
        // The stores differ in level more than tenfold, and the forecast of each is at its own.
        let levels = forecast.series.map { series in
            (series.forecast.values["sold"] ?? []).reduce(0, +) / 14
        }
        for (series, level) in zip(forecast.series, levels) {
            let seen = (series.history.values["sold"] ?? []).suffix(14).reduce(0, +) / 14
            #expect(abs(level - seen) < 0.4 * seen, "\(series.key): \(level) after \(seen)")
        }
    }

    @Test(
        "is served, and answers for the series that is asked for with what the run forecast",
        arguments: ModelScope.allCases
    )
    func served(scope: ModelScope) async throws {
        let bench = try Bench()
        let status = try await bench.run(serve: true, series: "item=tea,store=west") { $0.model.scope = scope }
        #expect(status == 0, "\(bench.text)")
        #expect(bench.text.contains(" ms with 14 values"), "\(bench.text)")
        #expect(bench.text.contains(", store=west, item=tea"), "\(bench.text)")
        let svg = try String(contentsOf: bench.folder.appendingPathComponent("stores.svg"), encoding: .utf8)
        #expect(svg.contains("store=west, item=tea"))
        await #expect(throws: CLIError.self) {
            _ = try await Bench().run(serve: true, series: "store=harbour,item=bread")
        }
    }

    @Test(
        "one series of a forecast is named in any order of its columns; an unknown one is answered with those that are"
    )
    func argument() throws {
        let part = ForecastFile.Part(times: [], values: [:])
        func series(_ key: [String]) -> ForecastFile.Series { .init(key: key, history: part, forecast: part) }
        var file = ForecastFile(
            pipeline: "p",
            version: "v",
            frequency: "1d",
            targets: ["sold"],
            groupBy: ["store", "item"],
            series: [series(["a", "x"]), series(["a", "y, z"]), series(["b=c", "x"])]
        )
        func found(_ text: String) throws -> [String] { try SeriesArgument(text: text).series(of: file).key }
        #expect(try found("store=a,item=x") == ["a", "x"])
        #expect(try found("item=x, store=a") == ["a", "x"])
        #expect(try found("store=a, item=y, z") == ["a", "y, z"])
        #expect(try found("store=b=c,item=x") == ["b=c", "x"])
        for wrong in ["", "a", "store=a", "store=a,item=q", "store=a,item=x,more=1"] {
            let error = #expect(throws: CLIError.self) { try found(wrong) }
            #expect(error?.exitStatus == 66)
            #expect(error?.description.contains("the 3 that there are: store=a, item=x; ") == true)
        }
        (file.groupBy, file.series) = ([], [series([])])
        let error = #expect(throws: CLIError.self) { try found("store=a") }
        #expect(error?.description.contains("spec.series.groupBy is not set") == true)
    }

    @Test("a request for one of several series names it, and its chart says which it is")
    func request() throws {
        let times = [Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 86_400)]
        let file = ForecastFile(
            pipeline: "p",
            version: "v",
            frequency: "1d",
            targets: ["a"],
            groupBy: ["store"],
            series: [
                .init(
                    key: ["north"],
                    history: .init(times: times, values: ["a": [1, 2]]),
                    forecast: .init(times: times, values: ["a": [3, 4]])
                )
            ]
        )
        let body = String(decoding: try Prediction(forecast: file, series: file.first).body(), as: UTF8.self)
        #expect(
            body == #"{"instances":[{"end":"1970-01-02T00:00:00Z","history":[1,2],"series":{"store":"north"}}]}"#
        )
        #expect(file.chart(of: file.first, ahead: [3, 4]).title == "p v, store=north")
    }
}
