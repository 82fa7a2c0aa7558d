// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import TestSupport
import Testing
import TimeZones

@Suite("What a clone changes")
struct TemplateOverridesTests {
    private func applied(_ patch: String) throws -> TemplateOverrides.Outcome {
        let overrides = try KubeJSON.decoder().decode(TemplateOverrides.self, from: Data(patch.utf8))
        return try overrides.applied(to: Sample.minimal)
    }

    private func problem(_ patch: String) throws -> String? {
        guard case .problems(let problems) = try applied(patch) else { return nil }
        return problems.map(\.description).joined(separator: "; ")
    }

    @Test("a time zone that is none is refused where zones can be looked up")
    func zone() throws {
        let overrides = TemplateOverrides(.object(["series": .object(["timeZone": .string("Europe/Amsterdm")])]))
        let outcome = try overrides.applied(to: Sample.minimal, zones: .ofThisMachine)
        guard case .problems(let problems) = outcome else {
            Issue.record("it was taken: \(outcome)")
            return
        }
        #expect(problems.map(\.field) == ["spec.overrides.series.timeZone"])
        #expect(problems.first?.message.contains("did you mean Europe/Amsterdam?") == true)
    }

    @Test("fields replace, objects are merged, null removes")
    func merge() throws {
        var wanted = Sample.minimal
        wanted.model.lookback = 96
        wanted.model.nlinear = nil
        wanted.model.dlinear = DLinearSpec(kernelSize: 49)
        wanted.series.targets = ["a", "b"]
        wanted.gate = GateSpec(threshold: 0.5)
        let patch = """
            {"model": {"lookback": 96, "nlinear": null, "dlinear": {"kernelSize": 49}},
             "series": {"targets": ["a", "b"]}, "gate": {"threshold": 0.5}}
            """
        #expect(try applied(patch) == .template(wanted))
        #expect(try applied("{}") == .template(Sample.minimal))
    }

    private static let dates = #"{"split": {"dates": {"testFrom": "2017-10-24"}}}"#

    @Test("a block of which there can be one takes the place of the one that is there")
    func alternatives() throws {
        var wanted = Sample.minimal
        wanted.model.nlinear = nil
        wanted.model.dlinear = DLinearSpec()
        #expect(try applied(#"{"model": {"dlinear": {}}}"#) == .template(wanted))
        wanted = Sample.minimal
        wanted.source.csv?.path = nil
        wanted.source.csv?.url = "http://a/b"
        #expect(try applied(#"{"source": {"csv": {"url": "http://a/b"}}}"#) == .template(wanted))
        wanted = Sample.minimal
        let dates = SplitDatesSpec(testFrom: "2017-10-24")
        wanted.split = SplitSpec(dates: dates)
        var byShares = Sample.minimal
        byShares.split = SplitSpec(train: 0.6, validation: 0.2)
        let overrides = try KubeJSON.decoder().decode(TemplateOverrides.self, from: Data(Self.dates.utf8))
        #expect(try overrides.applied(to: byShares) == .template(wanted))
        wanted = Sample.minimal
        wanted.source = SourceSpec(parquet: ParquetSourceSpec(path: "data.parquet"))
        #expect(try applied(#"{"source": {"parquet": {"path": "data.parquet"}}}"#) == .template(wanted))
        wanted = Sample.minimal
        wanted.source = SourceSpec(influxdb: InfluxDBSourceSpec(url: "http://a", database: "d", query: "q"))
        let query = #"{"source": {"influxdb": {"url": "http://a", "database": "d", "query": "q"}}}"#
        #expect(try applied(query) == .template(wanted))
        #expect(ModelSpec.kinds == Sample.fullSpec.model.chosenKinds)
        #expect(SourceSpec.kinds == Sample.fullSpec.source.chosenKinds)
    }

    @Test(
        "what cannot be is named by its path, with what to do",
        arguments: [
            (#"{"model": {"nlinear": {"indvidual": true}}}"#, "spec.overrides.model.nlinear.indvidual: is not a field"),
            (#"{"model": {"horizon": 0}}"#, "spec.overrides.model.horizon: is 0; it must be from 1"),
            (#"{"model": {"horizon": "24"}}"#, "spec.overrides.model.horizon: must be a whole number"),
            (#"{"model": {"lookback": null}}"#, "spec.overrides.model.lookback: must be set"),
            (#"{"model": {"dlinear": {}, "seasonalNaive": {}}}"#, "there are seasonalNaive and dlinear"),
            (#"{"model": {"nlinear": null}}"#, "spec.overrides.model: must hold exactly one"),
            (#"{"model": null}"#, "spec.overrides.model: must be set"),
            (#"{"schedule": {"crons": ["@daily"]}}"#, "spec.overrides.schedule: steers the pipeline"),
            (#"{"suspend": true}"#, "spec.overrides.suspend: steers the pipeline"),
            (#"{"preprocess": {"missing": "Guess"}}"#, "spec.overrides.preprocess.missing: has no possible value"),
            (#"{"worker": {"tolerations": [{"kee": "x"}]}}"#, "spec.overrides.worker.tolerations[0].kee: is not"),
            (#"{"learningRate": 0.1}"#, "spec.overrides.learningRate: is not a field of a run's template"),
            (#"[1]"#, "spec.overrides: must be an object"),
        ]
    )
    func problems(patch: String, message: String) throws {
        let problem = try problem(patch)
        #expect(problem?.contains(message) == true, "\(problem ?? "none")")
    }

    @Test("a patch applied twice is a patch applied once, and an untouched field stays")
    func idempotent() {
        let start = JSONValue.object(["a": .int(1), "b": .object(["c": .null, "d": .string("x")])])
        let patch = JSONValue.object(["b": .object(["d": .null, "e": .array([.int(2)])]), "z": .null])
        let once = start.merging(patch)
        #expect(once == .object(["a": .int(1), "b": .object(["c": .null, "e": .array([.int(2)])])]))
        #expect(once.merging(patch) == once)
        // RFC 7386, section 3: a patch that is no object replaces; an object replaces what is none.
        #expect(start.merging(.int(1)) == .int(1))
        #expect(JSONValue.int(1).merging(.object(["a": .null])) == .object([:]))
    }
}
