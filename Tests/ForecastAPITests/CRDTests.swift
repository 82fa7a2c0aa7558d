// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Scheduling
import Testing
import TimeZones
import Yams

@Suite("The CRDs say what the Swift types say")
struct CRDTests {
    private static let plurals = ["forecastpipelines", "forecastruns", "forecastservices"]

    private func json(_ value: some Encodable) throws -> [String: Any] {
        // Through YAML, whose integers, numbers and booleans stay apart, unlike those of JSONSerialization.
        let text = String(decoding: try KubeJSON.encoder().encode(value), as: UTF8.self)
        return try #require(try Yams.load(yaml: text) as? [String: Any])
    }

    private func sample(_ plural: String) throws -> [String: Any] {
        switch plural {
        case "forecastpipelines": try json(Sample.fullPipeline)
        case "forecastruns": try json(Sample.fullRun)
        default: try json(Sample.fullService)
        }
    }

    private func paths(_ value: Any, _ schema: Schema?, _ path: String) -> Set<String> {
        var found: Set<String> = path.isEmpty ? [] : [path]
        if let list = value as? [Any] {
            for item in list { found.formUnion(paths(item, schema?.items, "\(path)[]")) }
        } else if let object = value as? [String: Any] {
            for (name, field) in object {
                let isMap = schema?.values != nil
                let next = isMap ? "\(path){}" : path.isEmpty ? name : "\(path).\(name)"
                found.formUnion(paths(field, isMap ? schema?.values : schema?.properties[name], next))
            }
        }
        return found
    }

    @Test("a CRD has exactly the fields of its Swift type", arguments: plurals)
    func fields(plural: String) throws {
        let schema = try Schema.crd(plural)
        var declared: Set<String> = []
        schema.walk("") { path, _ in if !path.isEmpty { declared.insert(path) } }
        let encoded = paths(try sample(plural), schema, "").filter { !$0.hasPrefix("metadata.") }
        #expect(declared.subtracting(encoded).sorted() == [], "only in the CRD")
        #expect(encoded.subtracting(declared).sorted() == [], "only in Swift")
    }

    @Test("every field is described and bounded", arguments: plurals)
    func bounds(plural: String) throws {
        try Schema.crd(plural).walk("") { path, schema in
            if path == "metadata" { return }
            #expect((schema.node["description"] as? String)?.isEmpty == false, "\(path) has no description")
            switch schema.type {
            case "string": #expect(schema.options != nil || schema.node["maxLength"] != nil, "\(path)")
            case "array": #expect(schema.node["maxItems"] != nil, "\(path)")
            case "integer", "number": #expect(schema.node["format"] != nil, "\(path)")
            case "object": #expect(schema.values == nil || schema.node["maxProperties"] != nil, "\(path)")
            case "boolean": break
            default: #expect(schema.node["x-kubernetes-int-or-string"] as? Bool == true, "\(path) has no type")
            }
        }
    }

    @Test("choices in the CRDs are the cases of the Swift enums")
    func choices() throws {
        let pipeline = try Schema.crd("forecastpipelines")
        let run = try Schema.crd("forecastruns")
        func same<E: RawRepresentable & CaseIterable>(_ type: E.Type, _ schema: Schema?) where E.RawValue == String {
            #expect(schema?.options == type.allCases.map(\.rawValue), "\(type)")
        }
        same(InfluxDBVersion.self, pipeline.at("spec.source.influxdb.version"))
        same(InfluxDBVersion.self, pipeline.at("spec.publish.forecasts[].influxdb.version"))
        same(SeriesSpec.RepeatedHour.self, pipeline.at("spec.series.repeatedHour"))
        same(PreprocessSpec.ResampleMethod.self, pipeline.at("spec.preprocess.resample"))
        same(OutlierSpec.Rule.self, pipeline.at("spec.preprocess.outliers.clip"))
        same(PreprocessSpec.Transform.self, pipeline.at("spec.preprocess.transform"))
        same(RollingSpec.Function.self, pipeline.at("spec.preprocess.rolling[].function"))
        same(PreprocessSpec.MissingPolicy.self, pipeline.at("spec.preprocess.missing"))
        same(PreprocessSpec.ScalerKind.self, pipeline.at("spec.preprocess.scaler"))
        same(GateSpec.GateMetric.self, pipeline.at("spec.gate.metric"))
        same(GateSpec.Units.self, pipeline.at("spec.gate.units"))
        same(GateSpec.Mode.self, pipeline.at("spec.gate.mode"))
        same(GateBaselineSpec.Kind.self, pipeline.at("spec.gate.baseline.kind"))
        same(DataChecksSpec.Policy.self, pipeline.at("spec.dataChecks.policy"))
        same(BacktestSpec.Mode.self, pipeline.at("spec.backtest.mode"))
        same(BacktestSpec.Mode.self, run.at("status.backtest.mode"))
        same(GateSpec.GateMetric.self, run.at("status.backtest.metric"))
        same(GateSpec.Units.self, run.at("status.backtest.units"))
        same(BaselineStatus.Kind.self, run.at("status.backtest.baselines[].kind"))
        same(ConcurrencyPolicy.self, pipeline.at("spec.schedule.concurrencyPolicy"))
        same(CatchUpPolicy.self, pipeline.at("spec.schedule.catchUpPolicy"))
        same(SkippedHour.self, pipeline.at("spec.schedule.skippedHour"))
        same(RepeatedHour.self, pipeline.at("spec.schedule.repeatedHour"))
        same(SkipReason.self, pipeline.at("status.schedule.lastMissed.reason"))
        same(StepSpec.Name.self, pipeline.at("spec.steps[].name"))
        same(InformerSpec.Attention.self, pipeline.at("spec.model.informer.attention"))
        same(InformerSpec.Embedding.self, pipeline.at("spec.model.informer.embedding"))
        same(InformerSpec.Activation.self, pipeline.at("spec.model.informer.activation"))
        same(TrainingSpec.Schedule.self, pipeline.at("spec.training.schedule"))
        same(TrainingSpec.Loss.self, pipeline.at("spec.training.loss"))
        same(ShortSeriesPolicy.self, pipeline.at("spec.series.shortSeries"))
        same(ModelScope.self, pipeline.at("spec.model.scope"))
        same(CachePolicy.self, pipeline.at("spec.cache"))
        same(RunOutcome.self, pipeline.at("status.lastRun.outcome"))
        same(RunTrigger.self, pipeline.at("status.lastRun.trigger"))
        same(RunTrigger.self, pipeline.at("status.retrain.trigger"))
        same(RunTrigger.self, run.at("spec.trigger"))
        same(StepState.self, run.at("status.steps[].state"))
        same(StepTask.self, run.at("status.steps[].progress.task"))
        let service = try Schema.crd("forecastservices")
        same(CanarySpec.Decision.Action.self, service.at("spec.canary.decision.action"))
        same(CanaryAnalysisStatus.Outcome.self, service.at("status.canary.analysis.outcome"))
        same(CanaryAnalysisStatus.Outcome.self, service.at("status.lastCanary.analysis.outcome"))
        same(CanaryResultStatus.Result.self, service.at("status.lastCanary.result"))
        for schema in [pipeline, run] {
            same(GateSpec.GateMetric.self, schema.at("status.gate.metric"))
            same(GateOutcome.self, schema.at("status.gate.outcome"))
            same(GateSpec.Mode.self, schema.at("status.gate.mode"))
            same(GateSpec.Units.self, schema.at("status.gate.units"))
        }
    }

    @Test("a server fills the same defaults as withDefaults()")
    func defaults() throws {
        var dlinear = Sample.minimal
        dlinear.model = ModelSpec(lookback: 2, horizon: 1, dlinear: DLinearSpec())
        dlinear.gate = GateSpec(threshold: 1, baseline: GateBaselineSpec(kind: .incumbent))
        dlinear.backtest = BacktestSpec()
        dlinear.dataChecks = DataChecksSpec()
        dlinear.service = ServiceTemplateSpec(name: "demo")
        let pipeline = try #require(try Schema.crd("forecastpipelines").at("spec"))
        var informer = Sample.minimal
        informer.model = ModelSpec(lookback: 2, horizon: 1, informer: InformerSpec())
        informer.training = TrainingSpec()
        var database = Sample.minimal
        database.source = SourceSpec(influxdb: InfluxDBSourceSpec(url: "http://influx", database: "d", query: "q"))
        database.publish = PublishSpec(
            forecasts: [ForecastSinkSpec(influxdb: InfluxDBSinkSpec(url: "http://influx", database: "d"))]
        )
        var bucket = Sample.minimal
        bucket.source = SourceSpec(parquet: ParquetSourceSpec(url: "s3://data/load/"))
        bucket.source.parquet?.s3 = S3ServerSpec(endpoint: "http://store:8333")
        let files = FileSinkSpec(url: "s3://data/forecasts", s3: S3ServerSpec(endpoint: "http://store:8333"))
        bucket.publish = PublishSpec(forecasts: [ForecastSinkSpec(csv: files), ForecastSinkSpec(parquet: files)])
        var prepared = Sample.minimal
        prepared.preprocess = PreprocessSpec()
        prepared.preprocess?.outliers = OutlierSpec(clip: .mad)
        prepared.preprocess?.difference = DifferenceSpec(seasonLength: 7)
        prepared.split = SplitSpec(train: 0.5)
        prepared.intervals = IntervalsSpec()
        prepared.gate = GateSpec()
        prepared.gate?.coverage = GateCoverageSpec(level: 80)
        for spec in [Sample.minimal, dlinear, informer, database, bucket, prepared] {
            let filled = pipeline.defaulted(try json(spec)) as? NSDictionary
            #expect(filled == (try json(spec.withDefaults()) as NSDictionary))
        }
        let service = ForecastServiceSpec(model: ServedModelSpec(pipelineRef: NameReference(name: "demo")))
        let schema = try #require(try Schema.crd("forecastservices").at("spec"))
        for spec in [service, Sample.fullServiceSpec] {
            let filled = schema.defaulted(try json(spec)) as? NSDictionary
            #expect(filled == (try json(spec.withDefaults()) as NSDictionary))
        }
    }

    @Test("a run's template has the schema of a pipeline's spec, but for the fields that no run depends on")
    func template() throws {
        var spec = try #require(try Schema.crd("forecastpipelines").at("spec")).node
        var fields = try #require(spec["properties"] as? [String: Any])
        for field in ["schedule", "retrain", "suspend", "runRequest", "promote", "history", "service"] {
            fields[field] = nil
        }
        spec["properties"] = fields
        var template = try #require(try Schema.crd("forecastruns").at("spec.template")).node
        spec["description"] = nil
        template["description"] = nil
        #expect(spec as NSDictionary == template as NSDictionary)
    }

    @Test("what the types encode is valid", arguments: plurals)
    func encoded(plural: String) throws {
        #expect(try Schema.crd(plural).problems(try sample(plural)) == [])
    }

    @Test("each object among the samples in deploy is valid")
    func deployedSamples() throws {
        let zones = ZoneDatabase()
        let folder = Schema.repository.appending(path: "deploy/samples")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        for file in files where file.pathExtension == "yaml" {
            for document in try Yams.load_all(yaml: String(contentsOf: file, encoding: .utf8)) {
                guard let object = document as? [String: Any], let kind = object["kind"] as? String,
                    object["apiVersion"] as? String == "\(Naming.group)/\(Naming.version)"
                else { continue }
                let schema = try Schema.crd("\(kind.lowercased())s")
                #expect(schema.problems(schema.defaulted(object)) == [], "\(file.lastPathComponent)")
                let data = try JSONSerialization.data(withJSONObject: object)
                if kind == "ForecastService" {
                    #expect(try KubeJSON.decoder().decode(ForecastService.self, from: data).spec.problems() == [])
                }
                guard kind == "ForecastPipeline" else { continue }
                #expect(try KubeJSON.decoder().decode(ForecastPipeline.self, from: data).problems(zones: zones) == [])
            }
        }
    }

    @Test("the field reference names exactly the fields of the CRDs", arguments: plurals)
    func reference(plural: String) throws {
        let page = try String(
            contentsOf: Schema.repository.appending(path: "docs/reference/crds.md"),
            encoding: .utf8
        )
        let section = try #require(page.components(separatedBy: "\n## ").first { $0.hasPrefix(plural) })
        let named = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
            .compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        var declared: [String] = []
        try Schema.crd(plural).walk("") { path, _ in
            let isTemplate = path.hasPrefix("spec.template.") || path.hasPrefix("status.template.")
            if path.contains("."), !path.hasSuffix("]"), !path.hasSuffix("}"), !isTemplate { declared.append(path) }
        }
        #expect(named.sorted() == declared.sorted())
    }
}
