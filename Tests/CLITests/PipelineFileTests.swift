// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing
import TimeZones

@testable import CLI

@Suite("A pipeline file")
struct PipelineFileTests {
    static let good = """
        apiVersion: almanac.dev/v1alpha1
        kind: ForecastPipeline
        metadata:
          name: demo
        spec:
          runRequest: 2026-11-21
          source:
            csv: {path: data.csv}
          series:
            timestamp: time
            targets: [value]
            frequency: 1h
          model:
            lookback: 48
            horizon: 24
            nlinear: {}
          worker:
            resources:
              limits: {cpu: 2, memory: 1Gi}

        """

    private func message(_ text: String) -> String {
        do {
            _ = try PipelineFile.pipeline(in: text, path: "p.yaml")
            return "no fault"
        } catch {
            return "\(error)"
        }
    }

    @Test("is read with numbers, lists, dates without quotes and quantities")
    func reads() throws {
        let pipeline = try PipelineFile.pipeline(in: Self.good, path: "p.yaml")
        #expect(pipeline.metadata.name == "demo")
        #expect(pipeline.spec.model.lookback == 48)
        #expect(pipeline.spec.runRequest == "2026-11-21")
        #expect(pipeline.spec.worker?.resources?.limits?["cpu"]?.text == "2")
    }

    @Test("may hold other objects and what only a server writes")
    func otherObjects() throws {
        let text = "kind: ConfigMap\n---\n" + Self.good + "status: {what: ever}\n---\n"
        #expect(try PipelineFile.pipeline(in: text, path: "p.yaml").metadata.name == "demo")
    }

    @Test(
        "names the line, the field and what to do",
        arguments: [
            (
                "lookback: 48", "lookback: soon",
                "p.yaml:14: spec.model.lookback: must be a whole number, not the string"
            ),
            ("horizon: 24", "horizon: 2.5", "spec.model.horizon: must be a whole number, not the number 2.5"),
            ("nlinear: {}", "nlinaer: {}", "p.yaml:16: spec.model.nlinaer: is not a field; did you mean 'nlinear'?"),
            ("lookback: 48", "lokback: 48", "p.yaml:14: spec.model.lookback: must be set; 'lokback' looks like it"),
            ("[value]", "value", "p.yaml:11: spec.series.targets: must be a list, not the string 'value'"),
            ("[value]", "[1]", "spec.series.targets[0]: must be a string, not the number 1; put it in"),
            ("name: demo", "name: ../x", "p.yaml:4: metadata.name: '../x' must be"),
            ("v1alpha1", "v1", "p.yaml:1: apiVersion: is 'almanac.dev/v1'; it must be 'almanac.dev/v1alpha1'"),
            (
                "nlinear: {}", "nlinear: {}\n  preprocess: {missing: Interpolat}",
                "Seasonal; did you mean 'Interpolate'?"
            ),
            ("targets: [value]", "targets: [value", "is not YAML"),
            ("horizon: 24", "lookback: 24", "more than one field named lookback"),
            ("kind: ForecastPipeline", "kind: Pod", "p.yaml: holds no ForecastPipeline"),
        ]
    )
    func faults(original: String, replacement: String, expected: String) {
        let text = Self.good.replacing(original, with: replacement)
        #expect(message(text).contains(expected), "\(message(text))")
    }

    @Test("with two pipelines is refused with both lines")
    func twoPipelines() {
        #expect(message(Self.good + "---\n" + Self.good).contains("holds 2 ForecastPipelines"))
    }

    @Test("that is damaged at random never stops the program")
    func fuzz() {
        var random = SplitMix(state: 7)
        let original = Array(Self.good.utf8)
        let bytes = Array("{}[]:-#&*!|>'\"%@` \n\tax0.\u{0}".utf8)
        for _ in 0..<2_000 {
            var mutated = original
            for _ in 0...Int(random.next() % 4) {
                mutated[Int(random.next() % UInt64(mutated.count))] = bytes[Int(random.next() % UInt64(bytes.count))]
            }
            _ = try? PipelineFile.pipeline(in: String(decoding: mutated, as: UTF8.self), path: "p.yaml")
        }
    }

    @Test(
        "of the samples says nothing wrong",
        arguments: ["metro-traffic", "seasonal-naive", "own-volume", "calendar"]
    )
    func samples(name: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = try PipelineFile(path: root.appendingPathComponent("deploy/samples/\(name).yaml").path)
        #expect(file.pipeline.problems(zones: ZoneDatabase()).isEmpty)
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
