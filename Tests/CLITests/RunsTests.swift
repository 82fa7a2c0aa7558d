// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@testable import CLI

@Suite("Runs on a cluster, as the program shows and repeats them")
struct RunsTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    static func run(_ name: String, mae: Double? = 0.5, lookback: Int = 24) -> ForecastRun {
        var template = ForecastPipelineSpec(
            source: SourceSpec(csv: CSVSourceSpec(path: "a.csv")),
            series: SeriesSpec(timestamp: "time", targets: ["x"], frequency: "1h"),
            model: ModelSpec(lookback: lookback, horizon: 6, nlinear: NLinearSpec())
        )
        template.gate = GateSpec(threshold: 1)
        var metadata = ObjectMeta(name: name, namespace: "default")
        metadata.creationTimestamp = now - 600
        var run = ForecastRun(
            metadata: metadata,
            spec: ForecastRunSpec(pipelineRef: NameReference(name: "demo"), trigger: .specChange, template: template)
        )
        guard let mae else { return run }
        var status = ForecastRunStatus()
        status.startTime = now - 600
        status.completionTime = now - 570
        status.metrics = ModelMetrics(
            mae: mae,
            mse: mae * mae,
            rmse: mae,
            r2: 1 - mae,
            mase: nil,
            scaledMae: mae,
            scaledMse: mae,
            windows: 12
        )
        status.dataset = DatasetStatus(digest: "sha256:0011223344556677", rows: 100, from: now - 9e5, to: now - 5e5)
        status.model = ModelStatus(version: "v-\(name)", uri: "models/x", digest: "d", kind: "nlinear")
        let done = Condition(ConditionType.succeeded, .yes, reason: "Completed", message: "MAE is fine")
        var conditions: [Condition] = []
        conditions.set(done, now: now)
        status.conditions = conditions
        var step = StepStatus(name: "prepare", state: .succeeded, attempts: 2)
        step.startTime = now - 600
        step.completionTime = now - 590
        step.job = "\(name)-prepare-2"
        step.failures = [
            AttemptFailure(attempt: 1, reason: "SourceUnreachable", message: "no answer", time: now - 599)
        ]
        status.steps = [step]
        run.status = status
        return run
    }

    @Test(
        "--set takes a path and a YAML value",
        arguments: [
            ("model.lookback=168", #"{"model":{"lookback":168}}"#),
            ("model.nlinear.individual=true", #"{"model":{"nlinear":{"individual":true}}}"#),
            ("split.train=0.5", #"{"split":{"train":0.5}}"#),
            ("model.nlinear=null", #"{"model":{"nlinear":null}}"#),
            ("model.dlinear={}", #"{"model":{"dlinear":{}}}"#),
            ("series.targets=[a, b]", #"{"series":{"targets":["a","b"]}}"#),
            (
                #"worker.nodeSelector.kubernetes\.io/os=linux"#,
                #"{"worker":{"nodeSelector":{"kubernetes.io/os":"linux"}}}"#
            ),
            ("source.csv.url=http://h/a?b=c", #"{"source":{"csv":{"url":"http://h/a?b=c"}}}"#),
            ("series.timestampFormat=", #"{"series":{"timestampFormat":""}}"#),
        ]
    )
    func set(argument: String, patch: String) throws {
        let parsed = try #require(OverrideArgument(argument: argument))
        let encoded = try KubeJSON.encoder().encode(OverrideArgument.patch([parsed]))
        #expect(String(decoding: encoded, as: UTF8.self) == patch)
    }

    @Test(
        "what is no path or no value is refused",
        arguments: ["lookback", "=3", "model..lookback=3", "a=[1", "a={b: &x"]
    )
    func malformed(argument: String) {
        #expect(OverrideArgument(argument: argument) == nil)
    }

    @Test("several --set become one patch, and a mistake is told before anything is made")
    func clone() throws {
        let origin = Self.run("demo-g1")
        func arguments(_ texts: String...) -> [OverrideArgument] { texts.compactMap(OverrideArgument.init(argument:)) }
        let set = arguments("model.nlinear=null", "model.dlinear.kernelSize=49", "model.lookback=48")
        let clone = try RunsCommand.Clone.clone(of: origin, named: "wider", set)
        #expect(clone.spec.fromRun == "demo-g1" && clone.spec.template == nil && clone.spec.trigger == .clone)
        #expect(
            clone.spec.overrides?.patch
                == .object([
                    "model": .object([
                        "nlinear": .null, "dlinear": .object(["kernelSize": .int(49)]), "lookback": .int(48),
                    ])
                ])
        )
        let error = #expect(throws: CLIError.self) {
            _ = try RunsCommand.Clone.clone(of: origin, named: "x", arguments("model.horzon=3"))
        }
        #expect(error?.description == "spec.overrides.model.horzon: is not a field of a run's template")
        #expect(throws: CLIError.self) { _ = try RunsCommand.Clone.clone(of: origin, named: "demo-g9", []) }
    }

    @Test("diff shows what was changed and what came of it, side by side")
    func diff() throws {
        let difference = try RunDifference(Self.run("demo-g1"), Self.run("longer", mae: 0.4, lookback: 48))
        let wanted = """
                             demo-g1     longer
            model.lookback   24          48

            MAE              0.5         0.4         -20.00 %  better
            MSE              0.25        0.16        -36.00 %  better
            RMSE             0.5         0.4         -20.00 %  better
            R2               0.5         0.6         +20.00 %  better
            windows          12          12
            gate             -           -
            version          v-demo-g1   v-longer
            state            Succeeded   Succeeded

            """
        #expect(difference.text(.plain) == wanted)
        let worse = try RunDifference(Self.run("a"), Self.run("b", mae: 0.6))
        #expect(worse.parameters.isEmpty && worse.metrics.allSatisfy { $0.isBetter == false })
        #expect(worse.text(.plain).contains("(no parameter differs)"))
        var untaken = Self.run("c")
        untaken.spec.template = nil
        #expect(throws: CLIError.self) { _ = try RunDifference(untaken, Self.run("d")) }
    }

    @Test("diff holds the coverage of intervals against their level, and shows those that only one run has")
    func coverage() throws {
        var (first, second) = (Self.run("demo-g1"), Self.run("wider"))
        first.status?.metrics?.intervals = [
            IntervalMetrics(level: 80, coverage: 70.5, width: 2), IntervalMetrics(level: 95, coverage: 94, width: 3),
        ]
        second.status?.metrics?.intervals = [
            IntervalMetrics(level: 80, coverage: 82, width: 3), IntervalMetrics(level: 95, coverage: 99, width: 9),
            IntervalMetrics(level: 99, coverage: 99.5, width: 9),
        ]
        let difference = try RunDifference(first, second)
        let text = difference.text(.plain)
        #expect(text.contains(/80 % held +70\.5 +82 +\+11\.50 points  better/), "\(text)")
        #expect(text.contains(/95 % held +94 +99 +\+5\.00 points  worse/), "\(text)")
        #expect(text.contains(/99 % held +- +99\.5 *\n/), "\(text)")
        #expect(difference.metrics.last?.isBetter == nil && difference.metrics.last?.changePoints == nil)
        let same = try RunDifference(first, first)
        #expect(same.text(.plain).contains("+0.00") == false && same.metrics.last?.isBetter == nil)
    }

    @Test("show explains each step and each attempt that failed")
    func show() {
        let text = RunReport(run: Self.run("demo-g1"), now: Self.now).text
        #expect(text.contains("State:       Succeeded (Completed): MAE is fine"))
        #expect(text.contains("prepare   Succeeded   2          10s    demo-g1-prepare-2"))
        #expect(text.contains("prepare, attempt 1: SourceUnreachable: no answer"))
        #expect(text.contains("Metrics:     MAE 0.5, MSE 0.25, RMSE 0.5, R2 0.5, over 12 windows"))
        #expect(!text.contains("Intervals:"))
        var trained = Self.run("demo-g1")
        trained.status?.metrics?.intervals = [
            IntervalMetrics(level: 80, coverage: 78.9412, width: 2),
            IntervalMetrics(level: 99.5, coverage: 100, width: 3),
        ]
        let held = "Intervals:   80 % interval holds 78.9 %, 99.5 % interval holds 100 %"
        #expect(RunReport(run: trained, now: Self.now).text.contains(held))
        trained.status?.training = TrainingStatus(
            epochs: 5,
            bestEpoch: 2,
            trainLoss: 0.4,
            validationLoss: 0.5,
            stoppedEarly: true
        )
        let training = RunReport(run: trained, now: Self.now).text
        #expect(training.contains("Training:    stopped early after epoch 5; epoch 2 is kept, loss 0.5"))
        #expect(RunReport(run: Self.run("new", mae: nil), now: Self.now).text.contains("has not taken it up yet"))
    }

    @Test("list is a table, the newest first by its caller's order")
    func list() {
        let text = RunTable.text([Self.run("b"), Self.run("a", mae: nil)], withNamespace: true, now: Self.now)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 3 && lines[0].hasPrefix("NAMESPACE   NAME   PIPELINE   TRIGGER"))
        #expect(lines[1].contains("Succeeded   Completed   0.5   0.25"))
        #expect(lines[2].contains("Pending") && lines[2].hasSuffix("10m"))
    }
}
