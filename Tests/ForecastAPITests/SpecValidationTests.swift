// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Scheduling
import Testing

@Suite("Specifications that contradict themselves")
struct SpecValidationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout ForecastPipelineSpec) -> Void

        init(_ field: String, _ change: @escaping @Sendable (inout ForecastPipelineSpec) -> Void) {
            testDescription = field
            self.change = change
        }
    }

    static let bad: [Case] = [
        Case("spec.source") { $0.source.csv = nil },
        Case("spec.source.csv") { $0.source.csv?.path = nil },
        Case("spec.source.csv") { $0.source.csv?.url = "http://x/y" },
        Case("spec.source.csv.url") { $0.source = SourceSpec(csv: CSVSourceSpec(url: "ftp://x")) },
        Case("spec.source.csv.s3") { $0.source.csv?.s3 = S3ServerSpec() },
        Case("spec.source.csv.s3") {
            $0.source = SourceSpec(csv: CSVSourceSpec(url: "http://x/y"))
            $0.source.csv?.s3 = S3ServerSpec()
        },
        Case("spec.source.csv.secretRef") {
            $0.source = SourceSpec(csv: CSVSourceSpec(url: "s3://bucket/key"))
            $0.source.csv?.secretRef = SecretReference(name: "keys")
        },
        Case("spec.source.csv.s3.endpoint") {
            $0.source = SourceSpec(csv: CSVSourceSpec(url: "s3://bucket/key"))
            $0.source.csv?.s3 = S3ServerSpec(endpoint: "store:8333")
        },
        Case("spec.store") {
            $0.store = StoreSpec(
                persistentVolumeClaim: ClaimReference(claimName: "mine"),
                s3: S3StoreSpec(bucket: "models")
            )
        },
        Case("spec.store.s3.bucket") { $0.store = StoreSpec(s3: S3StoreSpec(bucket: "models/team")) },
        Case("spec.store.s3.prefix") { $0.store = StoreSpec(s3: S3StoreSpec(bucket: "models", prefix: "../x")) },
        Case("spec.store.s3.endpoint") { $0.store = StoreSpec(s3: S3StoreSpec(endpoint: "ftp://x", bucket: "models")) },
        Case("spec.store.s3.secretRef.name") {
            $0.store = StoreSpec(s3: S3StoreSpec(bucket: "models", secretRef: SecretReference(name: "A b")))
        },
        Case("spec.source.csv.path") { $0.source.csv?.path = "a/../b" },
        Case("spec.source.csv.persistentVolumeClaim") {
            let claim = ClaimReference(claimName: "c")
            $0.source = SourceSpec(csv: CSVSourceSpec(url: "http://x", persistentVolumeClaim: claim))
        },
        Case("spec.source.csv.secretRef") { $0.source.csv?.secretRef = SecretReference(name: "data") },
        Case("spec.source.csv.secretRef.name") { $0.fetch(secret: "../data") },
        Case("spec.source.csv.secretRef.name") { $0.fetch(secret: "..") },
        Case("spec.source.csv.secretRef.name") { $0.fetch(secret: "") },
        Case("spec.source.csv.delimiter") { $0.source.csv?.delimiter = "\"" },
        Case("spec.source.csv.delimiter") { $0.source.csv?.delimiter = "\n" },
        Case("spec.source.csv.delimiter") { $0.source.csv?.delimiter = "é" },
        Case("spec.source.csv.columns") { $0.source.csv?.header = false },
        Case("spec.source.csv.columns") { $0.source.csv?.columns = ["time"] },
        Case("spec.series.timestamp") { $0.series.timestamp = "" },
        Case("spec.series.targets") { $0.series.targets = [] },
        Case("spec.series.targets") { $0.series.targets = ["a", "a"] },
        Case("spec.series.targets") { $0.series.targets = ["time"] },
        Case("spec.series.frequency") { $0.series.frequency = "010min" },
        Case("spec.series.frequency") { $0.series.frequency = "1000001s" },
        Case("spec.series.seasonLength") { $0.series.seasonLength = 0 },
        Case("spec.split.train") { $0.split = SplitSpec(train: 0) },
        Case("spec.split.validation") { $0.split = SplitSpec(validation: -0.1) },
        Case("spec.split") { $0.split = SplitSpec(train: 0.9) },
        Case("spec.model.lookback") { $0.model.lookback = 0 },
        Case("spec.model.horizon") { $0.model.horizon = 100_001 },
        Case("spec.model") { $0.model.nlinear = nil },
        Case("spec.model") { $0.model.dlinear = DLinearSpec() },
        Case("spec.model.informer.dModel") { $0.informer { $0.heads = 3 } },
        Case("spec.model.informer.dModel") { $0.informer { ($0.dModel, $0.heads) = (3, 1) } },
        Case("spec.model.informer.heads") { $0.informer { $0.heads = 0 } },
        Case("spec.model.informer.labelLength") { $0.informer { $0.labelLength = 49 } },
        Case("spec.model.informer.dropout") { $0.informer { $0.dropout = 1 } },
        Case("spec.series.pastCovariates") { $0.series.pastCovariates = ["other"] },
        Case("spec.series.pastCovariates") {
            $0.informer { _ in }
            $0.series.pastCovariates = ["value"]
        },
        Case("spec.training.learningRate") { $0.train { $0.learningRate = 0 } },
        Case("spec.training.epochs") { $0.train { $0.epochs = 0 } },
        Case("spec.training.gradientClip") { $0.train { $0.gradientClip = .nan } },
        Case("spec.training.seed") { $0.train { $0.seed = -1 } },
        Case("spec.model.dlinear.kernelSize") {
            $0.model = ModelSpec(lookback: 1, horizon: 1, dlinear: DLinearSpec(kernelSize: 4))
        },
        Case("spec.gate.threshold") { $0.gate = GateSpec(threshold: .nan) },
        Case("spec.gate") { $0.gate = GateSpec() },
        Case("spec.gate.baseline.minImprovementPercent") {
            $0.gate = GateSpec(baseline: GateBaselineSpec(kind: .both, minImprovementPercent: .infinity))
        },
        Case("spec.backtest.windows") { $0.backtest = BacktestSpec(windows: 1_001) },
        Case("spec.backtest.windows") { $0.backtest = BacktestSpec(mode: .sliding) },
        Case("spec.backtest.strideSteps") { $0.backtest = BacktestSpec(strideSteps: 0) },
        Case("spec.dataChecks.maxAgeSteps") { $0.dataChecks = DataChecksSpec(maxAgeSteps: -1) },
        Case("spec.dataChecks.maxFlatSteps") { $0.dataChecks = DataChecksSpec(maxFlatSteps: 0) },
        Case("spec.dataChecks.ranges") {
            $0.dataChecks = DataChecksSpec(ranges: [ColumnRangeSpec(column: "value", minimum: 2, maximum: 1)])
        },
        Case("spec.dataChecks.ranges") { $0.dataChecks = DataChecksSpec(ranges: [ColumnRangeSpec(column: "value")]) },
        Case("spec.dataChecks.ranges") {
            $0.dataChecks = DataChecksSpec(ranges: [ColumnRangeSpec(column: "x", minimum: 1)])
        },
        Case("spec.promote") { $0.promote = "../v1" },
        Case("spec.promote") { $0.promote = "" },
        Case("spec.service.name") { $0.service = ServiceTemplateSpec(name: "9x") },
        Case("spec.schedule.crons") { $0.schedule = ScheduleSpec(crons: ["0 0 30 2 *"]) },
        Case("spec.schedule.crons") { $0.schedule = ScheduleSpec(crons: ["*/0 * * * *"]) },
        Case("spec.schedule.crons") { $0.schedule = ScheduleSpec(crons: ["0 0 3 * * *"]) },
        Case("spec.schedule.timeZone") { $0.schedule = ScheduleSpec(crons: ["@daily"], timeZone: "Europe/Amsterdm") },
        Case("spec.schedule.startingDeadlineSeconds") {
            $0.schedule = ScheduleSpec(crons: ["@daily"])
            $0.schedule?.startingDeadlineSeconds = 0
        },
        Case("spec.service.replicas") { $0.service = ServiceTemplateSpec(name: "x", replicas: 0) },
        Case("spec.history.failedRuns") { $0.history = HistorySpec(failedRuns: 101) },
    ]

    @Test("a contradiction is found once, at its field", arguments: bad)
    func contradiction(bad: Case) {
        var spec = Sample.minimal
        bad.change(&spec)
        #expect((spec.problems() + spec.scheduleProblems(zones: ZoneDatabase())).map(\.field) == [bad.testDescription])
    }

    @Test("of a schedule with several mistakes each is told")
    func schedule() {
        var spec = Sample.minimal
        spec.schedule = ScheduleSpec(crons: ["61 * * * *"], timeZone: "PST")
        spec.schedule?.startingDeadlineSeconds = -1
        let fields = spec.scheduleProblems(zones: ZoneDatabase()).map(\.field)
        #expect(fields == ["crons", "timeZone", "startingDeadlineSeconds"].map { "spec.schedule.\($0)" })
    }

    @Test("the least specification is good, with and without defaults")
    func good() {
        #expect(Sample.pipeline().problems(zones: ZoneDatabase()) == [])
        #expect(Sample.minimal.withDefaults().problems() == [])
    }

    @Test("a name of 53 characters is too long")
    func name() {
        let zones = ZoneDatabase()
        #expect(Sample.pipeline(name: String(repeating: "a", count: 52)).problems(zones: zones) == [])
        #expect(
            Sample.pipeline(name: String(repeating: "a", count: 53)).problems(zones: zones).map(\.field) == [
                "metadata.name"
            ]
        )
    }
}

extension ForecastPipelineSpec {
    /// Takes a URL with a Secret as the source.
    fileprivate mutating func fetch(secret: String) {
        source = SourceSpec(csv: CSVSourceSpec(url: "http://x"))
        source.csv?.secretRef = SecretReference(name: secret)
    }

    /// Takes Informer as the model, with changed settings.
    fileprivate mutating func informer(_ change: (inout InformerSpec) -> Void) {
        var block = InformerSpec()
        change(&block)
        model.nlinear = nil
        model.informer = block
    }

    /// Adds a training block with changed settings.
    fileprivate mutating func train(_ change: (inout TrainingSpec) -> Void) {
        var block = TrainingSpec()
        change(&block)
        training = block
    }
}
