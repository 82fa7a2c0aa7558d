// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import TestSupport
import Testing
import TimeZones
import WorkerTestSupport

@testable import Worker

@Suite("Runs on local times")
struct LocalTimeRunTests {
    private let all: [StepTask] = [.prepare, .train, .evaluate, .publish]
    /// 2026-09-01T00:00:00Z; Amsterdam's clock is put back in row 1,297.
    private static let start: Int64 = 1_788_220_800

    private func run(_ request: StepRequest, zones: ZoneDatabase = .ofThisMachine) async -> StepRunner.Outcome {
        var runner = StepRunner(transport: ScriptedTransport(), now: { Date(timeIntervalSince1970: 1_796_000_000) })
        runner.zones = zones
        return await runner.run(request)
    }

    /// Hours of a load that follows the clock in Amsterdam, written with that clock's times or with those of UTC.
    private static func rows(local: Bool) throws -> [String] {
        var clock = LocalClock(try ZoneDatabase.ofThisMachine.zone("Europe/Amsterdam"))
        var noise = SeededRandom(seed: 25)
        return (0..<2_000).map { row in
            let instant = start + Int64(row) * 3_600
            let shown = Int64(clock.local(at: Int(instant)))
            let hour = Double(shown / 3_600 % 24)
            let value = 100 + (hour >= 8 && hour < 18 ? 50 : 0) + Double.random(in: -1...1, using: &noise)
            let time = UTCTime(seconds: local ? shown : instant).description
            return "\(local ? time.replacing("Z", with: "") : time),\(value),1,x"
        }
    }

    private func spec(_ spec: inout ForecastPipelineSpec) {
        spec.preprocess = PreprocessSpec()
        spec.preprocess?.calendar = [.hourOfDay]
        spec.split = SplitSpec(train: 0.6, validation: 0)
    }

    @Test("give the same data, model and forecast as runs on the same rows in UTC")
    func same() async throws {
        let (local, plain) = (try Workspace(), try Workspace())
        try local.write(try Self.rows(local: true))
        try plain.write(try Self.rows(local: false))
        let ofLocal = await run(
            local.request(all) {
                spec(&$0)
                $0.series.timeZone = "Europe/Amsterdam"
            }
        )
        let ofPlain = await run(
            plain.request(all) {
                spec(&$0)
                $0.preprocess?.timeZone = "Europe/Amsterdam"
            }
        )
        #expect(ofLocal.result.failure == nil && ofPlain.result.failure == nil)
        #expect(ofLocal.result.dataset?.digest == ofPlain.result.dataset?.digest)
        #expect(ofLocal.result.model?.digest == ofPlain.result.model?.digest)
        #expect(ofLocal.result.metrics == ofPlain.result.metrics)
    }

    @Test("forecast better where the calendar's clock is that of the people, and serving needs no time zones")
    func better() async throws {
        let (zoned, utc) = (try Workspace(), try Workspace())
        for workspace in [zoned, utc] { try workspace.write(try Self.rows(local: false)) }
        let inZone = await run(
            zoned.request(all) {
                spec(&$0)
                $0.preprocess?.timeZone = "Europe/Amsterdam"
            }
        )
        let inUTC = await run(utc.request(all, spec))
        let (best, other) = try (#require(inZone.result.metrics), #require(inUTC.result.metrics))
        #expect(best.mae < 0.8 * other.mae, "\(best.mae), \(other.mae)")
        let address = try ArtifactAddress(
            namespace: "team",
            pipeline: "traffic",
            version: inZone.result.model?.version ?? ""
        )
        let manifest = try zoned.artifacts.load(address).manifest
        #expect(manifest.preprocessing.future?.calendar != nil)
        let text = String(decoding: try manifest.encoded(), as: UTF8.self)
        #expect(text.contains("STD-1DST-2,M3.5.0/2,M10.5.0/3") && text.contains("Europe/Amsterdam"))
        let file = try zoned.artifacts.readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
        #expect(String(decoding: file, as: UTF8.self).contains("forecast"))
    }

    @Test("end with InvalidSpec where the worker has no such zone, and with BadData where rows do not fit the clock")
    func refusals() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let unknown = await run(
            workspace.request([.prepare]) { $0.series.timeZone = "Europe/Amsterdam" },
            zones: ZoneDatabase(folder: "/nowhere")
        )
        #expect(unknown.result.failure?.reason == .invalidSpec)
        #expect(unknown.result.failure?.message.contains("spec.series.timeZone: time zone") == true)
        try workspace.write(["2026-03-29T01:00:00,1,1,x", "2026-03-29T02:00:00,1,1,x"])
        let skipped = await run(workspace.request([.prepare]) { $0.series.timeZone = "Europe/Amsterdam" })
        #expect(skipped.result.failure?.reason == .badData)
        #expect(skipped.result.failure?.message.contains("row 2: the clock of Europe/Amsterdam never shows") == true)
    }
}
