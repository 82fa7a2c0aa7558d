// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@Suite("Several series in a specification, a status and a forecast")
struct GroupSpecTests {
    private static func spec(_ groupBy: [String]? = ["store"]) -> ForecastPipelineSpec {
        var spec = Sample.minimal
        spec.series.groupBy = groupBy
        return spec
    }

    private static let sink = InfluxDBSinkSpec(url: "http://influx:8086", database: "d")

    static let bad: [SpecValidationTests.Case] = [
        .init("spec.series.groupBy") { $0.series.groupBy = [] },
        .init("spec.series.groupBy") { $0.series.groupBy = ["a", "b", "c", "d", "e"] },
        .init("spec.series.groupBy") { $0.series.groupBy = ["store", "store"] },
        .init("spec.series.groupBy") { $0.series.groupBy = [""] },
        .init("spec.series.groupBy") { $0.series.groupBy = ["time"] },
        .init("spec.series.groupBy") { $0.series.groupBy = ["value"] },
        .init("spec.series.groupBy") { $0.series.groupBy = ["end"] },
        .init("spec.series.groupBy") { $0.series.groupBy = ["timestamp"] },
        .init("spec.series.groupBy") {
            $0 = spec(["price"])
            $0.series.futureCovariates = ["price"]
        },
        .init("spec.series.shortSeries") { $0.series.shortSeries = .fail },
        .init("spec.model.scope") { $0.model.scope = .global },
        .init("spec.source.prometheus.columnLabel") {
            $0 = spec()
            $0.source = SourceSpec(
                prometheus: PrometheusSourceSpec(url: "http://p:9090", query: "v"),
                window: DataWindowSpec(lookbackPeriod: "90d")
            )
            $0.source.prometheus?.columnLabel = "store"
        },
        .init("spec.publish.forecasts[0].csv") {
            $0 = spec(["version"])
            $0.publish = PublishSpec(forecasts: [ForecastSinkSpec(csv: FileSinkSpec(path: "f"))])
        },
        .init("spec.publish.forecasts[0].influxdb") {
            $0 = spec(["issued"])
            $0.publish = PublishSpec(forecasts: [ForecastSinkSpec(influxdb: sink)])
        },
        .init("spec.publish.forecasts[1].influxdb") {
            $0 = spec(["site"])
            var tagged = sink
            tagged.tags = ["site": "noord"]
            $0.publish = PublishSpec(forecasts: [ForecastSinkSpec(influxdb: sink), ForecastSinkSpec(influxdb: tagged)])
        },
        .init("spec.publish.forecasts[0].parquet") {
            $0 = spec(["value_0.1"])
            $0.intervals = IntervalsSpec()
            $0.publish = PublishSpec(forecasts: [ForecastSinkSpec(parquet: FileSinkSpec(path: "f"))])
        },
    ]

    @Test("a contradiction is found once, at its field", arguments: bad)
    func contradiction(bad: SpecValidationTests.Case) {
        var spec = Sample.minimal
        bad.change(&spec)
        #expect(spec.problems().map(\.field) == [bad.testDescription])
    }

    @Test(
        "a grouping column cannot be a tag or field that points have",
        arguments: [
            "pipeline", "version", "column", "quantile", "value", "step", "issued", "time", "site",
        ]
    )
    func tags(name: String) {
        var spec = Self.spec([name])
        spec.series.timestamp = "when"
        spec.series.targets = ["load"]
        var sink = Self.sink
        sink.tags = ["site": "noord"]
        spec.publish = PublishSpec(forecasts: [ForecastSinkSpec(influxdb: sink)])
        #expect(spec.problems().map(\.field) == ["spec.publish.forecasts[0].influxdb"])
        #expect(spec.problems().first?.message.contains("tag '\(name)'") == true)
    }

    @Test("names that files or points have by themselves are free where forecasts go elsewhere")
    func free() {
        var spec = Self.spec(["pipeline", "step"])
        #expect(spec.problems() == [])
        spec = Self.spec(["value_0.1"])
        spec.intervals = IntervalsSpec()
        spec.publish = PublishSpec(forecasts: [ForecastSinkSpec(influxdb: Self.sink)])
        #expect(spec.problems() == [])
        spec = Self.spec(["column"])
        spec.publish = PublishSpec(forecasts: [ForecastSinkSpec(csv: FileSinkSpec(path: "f"))])
        #expect(spec.problems() == [])
    }

    @Test("several contradictions are told at once, and four columns with all settings are good")
    func several() {
        var spec = Self.spec(["time", "value", "value"])
        let messages = spec.problems().map(\.message)
        #expect(messages.count == 3, "\(messages)")
        spec = Self.spec(["a", "b", "c", "d"])
        spec.series.shortSeries = .skip
        spec.model.scope = .local
        spec.publish = PublishSpec(forecasts: [ForecastSinkSpec(influxdb: Self.sink)])
        #expect(spec.problems() == [])
        #expect(spec.withDefaults().problems() == [])
    }

    @Test("a clone may take groups away only with what goes with them")
    func overrides() throws {
        var template = Self.spec()
        template.model.scope = .local
        func applied(_ block: String, _ field: String, _ value: JSONValue) throws -> TemplateOverrides.Outcome {
            try TemplateOverrides(.object([block: .object([field: value])])).applied(to: template)
        }
        guard case .template(let changed) = try applied("model", "scope", .string("Global")) else {
            Issue.record("the scope cannot be changed")
            return
        }
        #expect(changed.model.scope == .global && changed.series.groupBy == ["store"])
        guard case .problems(let problems) = try applied("series", "groupBy", .null) else {
            Issue.record("the scope is left without groups")
            return
        }
        #expect(problems.map(\.field) == ["spec.overrides.model.scope"])
    }

    @Test("another scope makes another result of a training")
    func cacheKey() throws {
        func key(_ scope: ModelScope?) throws -> String? {
            var spec = Self.spec()
            spec.model.scope = scope
            let identity = RunIdentity(namespace: "n", pipeline: "p", name: "p-g1", createdTime: Sample.time)
            let step = PlannedStep(name: "train", tasks: [.train], dependsOn: ["prepare"])
            let request = StepRequest(run: identity, step: step, spec: spec, storePath: "/s", sourcePath: "/d")
            let dataset = DatasetStatus(digest: "d", rows: 10, from: Sample.time, to: Sample.time, series: 2)
            return try StepCacheKey.key(of: request, dataset: dataset, image: "sha256:00")
        }
        #expect(try key(.global) != key(.local))
    }

    @Test("the worst series come first: the largest errors, and the smallest R2")
    func worst() {
        let values: [(String, Double?)] = [("a", 1), ("b", 3), ("c", nil), ("d", 2), ("e", 5), ("f", 4), ("g", 0)]
        let errors = SeriesErrorsStatus(values.map { (label: $0.0, value: $0.1) }, metric: .mae, table: "t")
        #expect(errors.count == 7)
        #expect(errors.worst.map(\.key) == ["e", "f", "b", "d", "a"])
        let shares = SeriesErrorsStatus(values.map { (label: $0.0, value: $0.1) }, metric: .r2, table: "t")
        #expect(shares.worst.map(\.value) == [0, 1, 2, 3, 4])
        #expect(SeriesListStatus(["a", "b", "c", "d", "e", "f"]).names == "a; b; c; d; e; …")
        var dataset = DatasetStatus(digest: "d", rows: 7, from: Sample.time, to: Sample.time)
        #expect(dataset.amount == "7 rows")
        dataset.series = 2
        dataset.skippedSeries = SeriesListStatus(["store=a"])
        #expect(dataset.amount == "7 rows of 2 series (1 series left out: store=a)")
    }

    @Test("a version that does not know all series is judged on those that it knows, and the verdict says so")
    func missingSeries() throws {
        var backtest = Sample.backtest(incumbent: 0.5, seasonalNaive: 0.9)
        backtest.baselines[0].missingSeries = SeriesListStatus(["store=new"])
        backtest.baselines[0].comparedValue = 0.6
        let gate = GateSpec(baseline: GateBaselineSpec(kind: .incumbent))
        let status = gate.decide(metrics: Sample.metrics, backtest: backtest)
        #expect(status.value == 0.4 && status.outcome == .failed)
        #expect(status.incumbentImprovementPercent == -20)
        #expect(status.message.contains("(0.5, against 0.6 on the series that both know)"), "\(status.message)")
        backtest.baselines[0].comparedValue = nil
        #expect(gate.decide(metrics: Sample.metrics, backtest: backtest).outcome == .passed)
    }

    @Test(
        "however long keys are, a result stays a termination message, and says how many series there were",
        // A key has no control characters; the last letter is one character of 25 bytes.
        arguments: ["x", "\"", "é", "😀", "👨‍👩‍👧‍👦"]
    )
    func longKeys(letter: String) throws {
        let name = String(repeating: letter, count: 300)
        var result = StepResult(step: "train")
        result.dataset = DatasetStatus(digest: "d", rows: .max, from: Sample.time, to: Sample.time, series: 10_000)
        result.dataset?.skippedSeries = SeriesListStatus((0..<9).map { "\($0)\(name)" })
        result.metrics = Sample.metrics
        result.backtest = Sample.backtest
        result.backtest?.series = SeriesErrorsStatus(
            (0..<9).map { (label: "\($0)\(name)", value: 1.5) },
            metric: .mae,
            table: "runs/default/demo-g2/series.csv"
        )
        var incumbent = BaselineStatus(kind: .incumbent, problem: name)
        incumbent.missingSeries = SeriesListStatus((0..<9).map { "\($0)\(name)" })
        result.backtest?.baselines.append(incumbent)
        let finding = DataCheckResult.Finding(holds: false, reason: "FlatLine", message: name)
        result.dataChecks = DataCheckResult(valid: finding)
        let bytes = try result.encoded()
        #expect(bytes.count <= StepResult.maximumBytes)
        let read = try #require(StepResult.decode(String(decoding: bytes, as: UTF8.self)))
        #expect(read.dataset?.skippedSeries?.count == 9)
        #expect(read.backtest?.series?.count == 9)
        #expect(read.backtest?.baselines.last?.missingSeries?.count == 9)

        var monitored = StepResult(step: "monitor")
        monitored.monitoring = MonitorResult(forecasts: 1, pending: 0, otherSeries: 0)
        monitored.monitoring?.worstSeries = (0..<5).map {
            SeriesError(series: "\($0)\(name)", values: 1, mae: 1, mase: 1)
        }
        #expect(try monitored.encoded().count <= StepResult.maximumBytes)
    }
}

@Suite("A forecast's file")
struct ForecastFileTests {
    private static let times = [Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 3_600)]

    private static func series(_ key: [String], _ value: Double) -> ForecastFile.Series {
        ForecastFile.Series(
            key: key,
            history: .init(times: [times[0]], values: ["a": [value]]),
            forecast: .init(times: [times[1]], values: ["a": [value + 1]]),
            quantiles: [.init(probability: 0.5, values: ["a": [value]])],
            known: .init(times: [times[1]], values: ["b": [7]])
        )
    }

    private static func file(_ groupBy: [String], _ series: [ForecastFile.Series]) -> ForecastFile {
        ForecastFile(
            pipeline: "p",
            version: "v",
            frequency: "1h",
            targets: ["a"],
            futureCovariates: ["b"],
            groupBy: groupBy,
            series: series
        )
    }

    @Test("of one series has the fields that it always had")
    func single() throws {
        let file = Self.file([], [Self.series([], 1)])
        let text = String(decoding: try KubeJSON.encoder().encode(file), as: UTF8.self)
        #expect(
            text == """
                {"forecast":{"times":["1970-01-01T01:00:00Z"],"values":{"a":[2]}},"frequency":"1h",\
                "futureCovariates":["b"],"history":{"times":["1970-01-01T00:00:00Z"],"values":{"a":[1]}},\
                "known":{"times":["1970-01-01T01:00:00Z"],"values":{"b":[7]}},"pipeline":"p",\
                "quantiles":[{"probability":0.5,"values":{"a":[1]}}],"schemaVersion":1,"targets":["a"],"version":"v"}
                """
        )
        #expect(try KubeJSON.decoder().decode(ForecastFile.self, from: Data(text.utf8)) == file)
    }

    @Test("of several series has a list of them, each with its key")
    func several() throws {
        let file = Self.file(["store"], [Self.series(["north"], 1), Self.series(["south"], 2)])
        let bytes = try KubeJSON.encoder().encode(file)
        #expect(try KubeJSON.decoder().decode(ForecastFile.self, from: bytes) == file)
        #expect(file.label(file.series[1]) == "store=south")
        let value = try KubeJSON.decoder().decode(JSONValue.self, from: bytes)
        #expect(value["groupBy"] == .array([.string("store")]) && value["history"] == nil)
        guard case .array(let list) = value["series"] else {
            Issue.record("there is no list of series")
            return
        }
        #expect(list.map { $0["key"] } == [.array([.string("north")]), .array([.string("south")])])
    }

    @Test("has the bytes that an encoder makes of it, however its columns and series are called")
    func bytes() throws {
        let odd = [#""series":[]"#, #"{"series":[],"#, "series"]
        let list = [["a", #""series":[]"#, "c"], ["a", "b", "series"], ["Köln", "b", "\\\""]]
        for file in [
            Self.file([], [Self.series([], 1)]), Self.file(["store"], [Self.series(["north"], 1)]),
            Self.file(odd, list.map { Self.series($0, 1) }),
        ] {
            #expect(try file.encoded() == KubeJSON.encoder().encode(file))
        }
    }

    @Test("with keys that do not fit its columns, or without series, is refused")
    func damaged() throws {
        let none = #"{"times":[],"values":{}}"#
        for series in ["[]", #"[{"key":["a","b"],"history":\#(none),"forecast":\#(none)}]"#] {
            let text = """
                {"schemaVersion":1,"pipeline":"p","version":"v","frequency":"1h","targets":["a"],"groupBy":["store"],\
                "series":\(series)}
                """
            #expect(throws: DecodingError.self) {
                try KubeJSON.decoder().decode(ForecastFile.self, from: Data(text.utf8))
            }
        }
    }
}
