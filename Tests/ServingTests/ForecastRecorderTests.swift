// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import HTTPTransport
import KubeCore
import Logging
import TestSupport
import Testing
import WorkerRuntime
import WorkerTestSupport

@testable import Serving

@Suite("The recorder of forecasts", .timeLimit(.minutes(1)))
struct ForecastRecorderTests {
    /// Never answers.
    private struct HangingTransport: HTTPTransport {
        func send(_ request: HTTPRequest) async throws -> HTTPResponse {
            try await Task.sleep(for: .seconds(3_600))
            return HTTPResponse(status: 500)
        }

        func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse {
            try await Task.sleep(for: .seconds(3_600))
            throw CancellationError()
        }
    }

    private let clock = Shared(Date(timeIntervalSince1970: 1_795_230_000))
    private let counts = Shared<[ForecastMemory.Outcome: Int]>([:])
    private let memory: ForecastMemory
    private let shelf = ModelShelf()
    private let gate = ForecastGate(limit: 1, mostWaiting: 1)
    private let workspace: Workspace

    init() throws {
        let (clock, counts) = (clock, counts)
        memory = ForecastMemory(now: { clock.withLock { $0 } }) { outcome, forecasts in
            counts.withLock { $0[outcome, default: 0] += forecasts }
        }
        workspace = try Workspace()
    }

    /// Serves a stable version, and another one beside it where there is one.
    private func serve(_ stable: ServedModel, canary: ServedModel? = nil, below prefix: String = "") {
        func version(_ model: ServedModel) -> ServingConfiguration.Version {
            .init(version: model.version, uri: "\(prefix)models/team/traffic/\(model.version)")
        }
        var configuration = ServingConfiguration(revision: "1", name: "traffic", stable: version(stable))
        configuration.canary = canary.map { .init(version: version($0), trafficPercent: 50) }
        configuration.remembering = .init(forecastsPerSecond: 1_000, shadowsCanary: canary != nil)
        shelf.update { [configuration, memory] state in
            state.memory = memory
            state.propose(configuration)
            for model in [stable, canary].compactMap(\.self) { state.put(model, as: version(model)) }
        }
        memory.follow(configuration.remembering)
    }

    private func recording(
        to place: StorePlace? = nil,
        _ body: () async throws -> Void
    ) async throws {
        var recorder = ForecastRecorder(
            memory: memory,
            shelf: shelf,
            place: place ?? folder(workspace.store),
            process: "pod-1",
            gate: gate,
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        )
        recorder.pace = .milliseconds(2)
        try await withThrowingTaskGroup(of: Void.self) { [recorder] group in
            group.addTask { try await recorder.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    private func folder(_ path: String) -> StorePlace {
        StorePlace(
            folder: path,
            s3: nil,
            secrets: Secrets(path: nil, namespace: ""),
            transport: ScriptedTransport()
        )
    }

    private func history(_ end: Int64, _ values: [Double] = [1, 2, 3]) -> HistoryBatch {
        HistoryBatch(values: values, batch: values.count / 3, ends: [end])
    }

    private func eventually(_ condition: ([ForecastMemory.Outcome: Int]) -> Bool) async throws {
        while !condition(counts.withLock { $0 }) { try await Task.sleep(for: .milliseconds(2)) }
    }

    private func segment(_ name: String) throws -> ForecastSegment {
        let path = "\(workspace.store)/live/team/traffic/pod-1/\(name).safetensors"
        return try ForecastSegment(decoding: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    }

    @Test("writes what was forecast in a minute as one file, each forecast once")
    func writes() async throws {
        serve(try .naive("g12"))
        let model = try shelf.stable.model
        try await recording {
            for end in [3_600, 3_600, 7_200] as [Int64] { _ = try await model.forecast(history(end)) }
            try await eventually { $0[.duplicate] == 1 }
            #expect(counts.withLock { $0[.written] } == nil)
            clock.withLock { $0 += 61 }
            try await eventually { $0[.written] == 2 }
            _ = try await model.forecast(history(3_600))
            try await Task.sleep(for: .milliseconds(20))
            clock.withLock { $0 += 61 }
            try await eventually { $0[.written] == 3 }
        }
        let first = try segment("1795230000000-0")
        #expect(first.forecasts.map(\.end) == [3_600, 7_200])
        #expect(!first.forecasts.contains { $0.version != "g12" || $0.last != [3] || $0.values != [1, 2] })
        #expect(try segment("1795230061000-1").forecasts.map(\.issued) == [1_795_230_061_000])
    }

    @Test("lets the other version forecast from the same rows, those that it needs, when there is a free moment")
    func shadows() async throws {
        let longer = try SeasonalNaive(
            shape: WindowShape(lookback: 2, horizon: 4, channels: 1, targets: 1),
            seasonLength: 2
        )
        serve(try .naive("g12"), canary: try .model("g13", name: "traffic", longer))
        let (stable, canary) = (try shelf.stable.model, try #require(shelf.counterpart(of: "g12")))
        try await recording {
            _ = try await stable.forecast(history(3_600))
            clock.withLock { $0 += 61 }
            try await eventually { $0[.written] == 2 }
            // The stable version needs three rows, of which the canary's client sends two.
            _ = try await canary.forecast(HistoryBatch(values: [2, 3], batch: 1, ends: [7_200]))
            try await eventually { $0[.unshadowed] == 1 }
        }
        let forecasts = try segment("1795230000000-0").forecasts
        #expect(forecasts.map(\.version) == ["g12", "g13"] && forecasts.map(\.end) == [3_600, 3_600])
        #expect(forecasts.map(\.values) == [[1, 2], [2, 3, 2, 3]])
        #expect(forecasts.map(\.last) == [[3], [3]])
    }

    @Test("lets the other version know what the client knew of the rows to come")
    func shadowsWithFuture() async throws {
        let (stable, canary) = (
            try FutureServingTests.model(version: "g12"), try FutureServingTests.model(version: "g13")
        )
        serve(stable, canary: canary)
        let served = try shelf.stable.model
        let asked = HistoryBatch(
            values: [310, 4, 220, 5, 180, 6, 330, 4, 240, 5, 190, 6],
            batch: 1,
            ends: [3_600],
            future: [7, 8, 9]
        )
        let answer = try await recorded { try await served.forecast(asked) }
        let forecasts = try segment("1795230000000-0").forecasts
        #expect(forecasts.map(\.version) == ["g12", "g13"] && forecasts.map(\.values) == [answer, answer])
    }

    /// A version that repeats the last three numbers of these stores.
    private func stores(_ version: String, _ names: [String]) throws -> ServedModel {
        let naive = try ServedModel.naive(version).forecaster
        let panel = try PanelForecaster(
            groupBy: ["store"],
            keys: names.map { SeriesKey([$0]) },
            forecasters: names.map { _ in naive }
        )
        return ServedModel(name: "traffic", version: version, kind: "SeasonalNaive", panel: panel)
    }

    @Test("writes which series a forecast is of, and lets the other version forecast where it knows that series")
    func series() async throws {
        serve(try stores("g12", ["north", "south"]), canary: try stores("g13", ["east", "south"]))
        let stable = try shelf.stable.model
        var both = HistoryBatch(values: [1, 2, 3, 4, 5, 6], batch: 2, ends: [3_600, 3_600])
        both.series = [0, 1]
        try await recording {
            _ = try await stable.forecast(both)
            try await eventually { $0[.unshadowed] == 1 }
            clock.withLock { $0 += 61 }
            try await eventually { $0[.written] == 3 }
        }
        let forecasts = try segment("1795230000000-0").forecasts
        #expect(forecasts.map(\.version) == ["g12", "g12", "g13"])
        #expect(forecasts.map(\.series.values) == [["north"], ["south"], ["south"]])
        #expect(forecasts.map(\.values) == [[1, 2], [4, 5], [4, 5]])
    }

    /// What was forecast, once it and its shadow lie in the store.
    private func recorded(_ forecast: () async throws -> [Double]) async throws -> [Double] {
        var answer: [Double] = []
        try await recording {
            answer = try await forecast()
            clock.withLock { $0 += 61 }
            try await eventually { $0[.written] == 2 }
        }
        return answer
    }

    @Test("takes no place from requests for a version that nobody has asked")
    func busy() async throws {
        serve(try .naive("g12"), canary: try .naive("g13"))
        let stable = try shelf.stable.model
        try await gate.pass(ForecastBudget(deadline: .now + .seconds(30), timeout: .seconds(30))) {
            try await recording {
                _ = try await stable.forecast(history(3_600))
                try await eventually { $0[.unshadowed] == 1 }
            }
        }
        #expect(gate.load == ForecastGate.Load(running: 0, waiting: 0))
    }

    @Test("goes on after a store that takes nothing, and counts what is lost")
    func refused() async throws {
        serve(try .naive("g12"))
        let model = try shelf.stable.model
        try Data().write(to: workspace.folder.appendingPathComponent("store"))
        try await recording {
            _ = try await model.forecast(history(3_600))
            try await Task.sleep(for: .milliseconds(20))
            clock.withLock { $0 += 61 }
            try await eventually { $0[.failed] == 1 }
            let fault = try #require(memory.fault)
            #expect(fault.reason == .storeUnreachable && fault.message.contains(workspace.store), "\(fault)")
            let admin = AdminRoutes(shelf: shelf, readiness: Readiness(), metrics: ServingMetrics(), memory: memory)
            #expect(try await report(admin).memory == fault)
            try FileManager.default.removeItem(atPath: workspace.store)
            _ = try await model.forecast(history(7_200))
            try await Task.sleep(for: .milliseconds(20))
            clock.withLock { $0 += 61 }
            try await eventually { $0[.written] == 1 }
            #expect(memory.fault == nil)
            _ = memory.stored(fault)
            memory.follow(nil)
            #expect(memory.fault == nil && memory.stored(fault) == nil && memory.fault == nil)
        }
    }

    /// What a process says of itself.
    private func report(_ admin: AdminRoutes) async throws -> ServingReport {
        let said = Shared<ServingReport?>(nil)
        try await LoopbackServer.with(admin.router()) { address in
            let answer = try await CurlTransport().send(HTTPRequest(url: address + ServingReport.path))
            let report = try KubeJSON.decoder().decode(ServingReport.self, from: answer.body)
            said.withLock { $0 = report }
        }
        return try #require(said.withLock { $0 })
    }

    @Test("holds nobody up while the store does not answer, and keeps no more than its bound")
    func slow() async throws {
        serve(try .naive("g12"), below: "s3://models/")
        let model = try shelf.stable.model
        let place = StorePlace(
            folder: "",
            s3: S3StoreSpec(endpoint: "http://store:9000", bucket: "models"),
            secrets: Secrets(path: nil, namespace: ""),
            transport: HangingTransport()
        )
        try await recording(to: place) {
            _ = try await model.forecast(history(3_600))
            try await Task.sleep(for: .milliseconds(20))
            clock.withLock { $0 += 61 }
            try await Task.sleep(for: .milliseconds(50))
            let start = ContinuousClock.now
            for second in 0..<20 {
                for end in 0..<1_000 {
                    memory.note(
                        history(Int64(end)),
                        [1, 2],
                        of: model,
                        at: start + .seconds(second)
                    )
                }
            }
            #expect(start.duration(to: .now) < .seconds(10))
            let lost = counts.withLock { $0[.dropped, default: 0] }
            #expect(lost >= 20_000 - 2 * ForecastMemory.mostNotes - 1_000 && lost < 20_000)
            #expect(try await model.forecast(history(3_600)) == [1, 2])
        }
    }
}
