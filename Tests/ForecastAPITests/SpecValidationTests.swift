// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import TestSupport
import Testing
import TimeZones

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
        Case("spec.gate.coverage.level") {
            $0.gate = GateSpec()
            $0.gate?.coverage = GateCoverageSpec(level: 80)
        },
        Case("spec.gate.coverage.level") {
            $0.intervals = IntervalsSpec()
            $0.gate = GateSpec()
            $0.gate?.coverage = GateCoverageSpec(level: 90)
        },
        Case("spec.gate.coverage.withinPoints") {
            $0.intervals = IntervalsSpec()
            $0.gate = GateSpec()
            $0.gate?.coverage = GateCoverageSpec(level: 80, withinPoints: -1)
        },
        Case("spec.intervals.levels") { $0.intervals = IntervalsSpec(levels: []) },
        Case("spec.intervals.levels") { $0.intervals = IntervalsSpec(levels: [80, 80]) },
        Case("spec.intervals.levels") { $0.intervals = IntervalsSpec(levels: [50, 60, 70, 80, 90]) },
        Case("spec.intervals.levels") { $0.intervals = IntervalsSpec(levels: [0.8]) },
        Case("spec.intervals.levels") { $0.intervals = IntervalsSpec(levels: [100]) },
        Case("spec.intervals") {
            $0.intervals = IntervalsSpec()
            $0.split = SplitSpec(train: 0.8, validation: 0)
        },
        Case("spec.intervals") {
            $0.intervals = IntervalsSpec()
            $0.split = SplitSpec(dates: SplitDatesSpec(testFrom: "2026-01-01"))
        },
        Case("spec.intervals") {
            $0.intervals = IntervalsSpec()
            $0.split = SplitSpec(borders: SplitBordersSpec(train: 900, validation: 0, test: 100))
        },
        Case("spec.series.targets") {
            $0.intervals = IntervalsSpec()
            $0.series.targets = ["value", "value_0.1"]
        },
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
        Case("spec.source.csv.path") { $0.source.csv?.path = "a*/b.csv" },
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
        Case("spec.source") { $0.source.parquet = ParquetSourceSpec(path: "data.parquet") },
        Case("spec.source.parquet") { $0.source = SourceSpec(parquet: ParquetSourceSpec()) },
        Case("spec.source.parquet.url") { $0.source = SourceSpec(parquet: ParquetSourceSpec(url: "ftp://x")) },
        Case("spec.source.parquet.path") { $0.source = SourceSpec(parquet: ParquetSourceSpec(path: "../b")) },
        Case("spec.source.parquet.path") { $0.source = SourceSpec(parquet: ParquetSourceSpec(path: "*/b.parquet")) },
        Case("spec.source.parquet.secretRef") {
            $0.source = SourceSpec(parquet: ParquetSourceSpec(path: "b.parquet"))
            $0.source.parquet?.secretRef = SecretReference(name: "s")
        },
        Case("spec.source.parquet.persistentVolumeClaim") {
            $0.source = SourceSpec(parquet: ParquetSourceSpec(url: "http://h/k"))
            $0.source.parquet?.persistentVolumeClaim = ClaimReference(claimName: "c")
        },
        Case("spec.source.influxdb.retentionPolicy") {
            $0.influxdb { ($0.version, $0.database, $0.organization, $0.retentionPolicy) = (.v2, nil, "o", "r") }
        },
        Case("spec.source") { $0.source.influxdb = InfluxDBSourceSpec(url: "http://x", database: "d", query: "q") },
        Case("spec.source.influxdb.url") { $0.influxdb { $0.url = "http://user:word@x" } },
        Case("spec.source.influxdb.url") { $0.influxdb { $0.url = "http://x/?db=d" } },
        Case("spec.source.influxdb.url") { $0.influxdb { $0.url = "influx:8086" } },
        Case("spec.source.influxdb.database") { $0.influxdb { $0.database = nil } },
        Case("spec.source.influxdb.database") { $0.influxdb { ($0.version, $0.organization) = (.v2, "o") } },
        Case("spec.source.influxdb.organization") { $0.influxdb { ($0.version, $0.database) = (.v2, nil) } },
        Case("spec.source.influxdb.organization") { $0.influxdb { $0.organization = "o" } },
        Case("spec.source.influxdb.query") { $0.influxdb { $0.query = "" } },
        Case("spec.source.influxdb.query") { $0.influxdb { $0.query = "SELECT v FROM m WHERE $timeFilter" } },
        Case("spec.source.influxdb.query") {
            $0.influxdb { _ in }
            $0.source.window = DataWindowSpec(lookbackPeriod: "90d")
        },
        Case("spec.source.influxdb.secretRef.name") { $0.influxdb { $0.secretRef = SecretReference(name: "../x") } },
        Case("spec.source.window") { $0.source.window = DataWindowSpec() },
        Case("spec.source.window") { $0.source.window = DataWindowSpec(lookbackPeriod: "1d", from: Sample.time) },
        Case("spec.source.window.lookbackPeriod") { $0.source.window = DataWindowSpec(lookbackPeriod: "90 days") },
        Case("spec.source.window.to") { $0.source.window = DataWindowSpec(lookbackPeriod: "1d", to: Sample.time) },
        Case("spec.source.window.to") { $0.source.window = DataWindowSpec(from: Sample.time, to: Sample.time) },
        Case("spec.source.window") {
            $0.source = SourceSpec(prometheus: PrometheusSourceSpec(url: "http://x", query: "q"))
        },
        Case("spec.source.prometheus.step") { $0.prometheus { $0.step = "1mo" } },
        Case("spec.series.frequency") {
            $0.prometheus { _ in }
            $0.series.frequency = "1mo"
        },
        Case("spec.source.prometheus.columnLabel") {
            $0.prometheus { _ in }
            $0.series.targets = ["a", "b"]
        },
        Case("spec.source.parquet.secretRef") {
            $0.source = SourceSpec(parquet: ParquetSourceSpec(url: "s3://b/k"))
            $0.source.parquet?.secretRef = SecretReference(name: "s")
        },
        Case("spec.source.parquet.s3") {
            $0.source = SourceSpec(parquet: ParquetSourceSpec(url: "http://h/k"))
            $0.source.parquet?.s3 = S3ServerSpec()
        },
        Case("spec.publish.forecasts[0]") { $0.files { _ in } },
        Case("spec.publish.forecasts[0].csv") { $0.files { $0.csv = FileSinkSpec() } },
        Case("spec.publish.forecasts[0].csv") { $0.files { $0.csv = FileSinkSpec(url: "s3://b", path: "p") } },
        Case("spec.publish.forecasts[0].csv.url") { $0.files { $0.csv = FileSinkSpec(url: "http://b/f") } },
        Case("spec.publish.forecasts[0].csv.url") { $0.files { $0.csv = FileSinkSpec(url: "s3:///f") } },
        Case("spec.publish.forecasts[0].csv.url") { $0.files { $0.csv = FileSinkSpec(url: "s3://b/../f") } },
        Case("spec.publish.forecasts[0].csv.url") { $0.files { $0.csv = FileSinkSpec(url: "s3://b/f*") } },
        Case("spec.publish.forecasts[0].csv.path") { $0.files { $0.csv = FileSinkSpec(path: "a/../b") } },
        Case("spec.publish.forecasts[0].csv.s3") { $0.files { $0.csv = FileSinkSpec(path: "a", s3: S3ServerSpec()) } },
        Case("spec.publish.forecasts[0].parquet.s3.endpoint") {
            $0.files { $0.parquet = FileSinkSpec(url: "s3://b/f", s3: S3ServerSpec(endpoint: "store:9000")) }
        },
        Case("spec.publish.forecasts[0].parquet.s3.secretRef.name") {
            let server = S3ServerSpec(secretRef: SecretReference(name: "../x"))
            $0.files { $0.parquet = FileSinkSpec(url: "s3://b/f", s3: server) }
        },
        Case("spec.publish.forecasts[0].parquet.persistentVolumeClaim") {
            let claim = ClaimReference(claimName: "c")
            $0.files { $0.parquet = FileSinkSpec(url: "s3://b/f", persistentVolumeClaim: claim) }
        },
        Case("spec.publish.forecasts[0].parquet") {
            $0.series.targets = ["issued"]
            $0.files { $0.parquet = FileSinkSpec(path: "f") }
        },
        Case("spec.publish.forecasts[0]") {
            $0.files { ($0.csv, $0.parquet) = (FileSinkSpec(path: "f"), FileSinkSpec(path: "f")) }
        },
        Case("spec.worker.serviceAccountName") { $0.worker = WorkerSpec(serviceAccountName: "Forecasts") },
        Case("spec.publish.forecasts") { $0.publish = PublishSpec(forecasts: []) },
        Case("spec.publish.forecasts[0]") { $0.publish = PublishSpec(forecasts: [ForecastSinkSpec()]) },
        Case("spec.publish.forecasts[0].parquet") { $0.files { $0.parquet = FileSinkSpec() } },
        Case("spec.publish.forecasts[0].parquet.path") { $0.files { $0.parquet = FileSinkSpec(path: "a/../b") } },
        Case("spec.publish.forecasts[0].parquet.url") { $0.files { $0.parquet = FileSinkSpec(url: "s3://b/../f") } },
        Case("spec.publish.forecasts[0].parquet.s3") {
            $0.files { $0.parquet = FileSinkSpec(path: "a", s3: S3ServerSpec()) }
        },
        Case("spec.publish.forecasts[0].influxdb.database") { $0.sink { $0.database = nil } },
        Case("spec.publish.forecasts[0].influxdb.organization") { $0.sink { $0.organization = "o" } },
        Case("spec.publish.forecasts[0].influxdb.retentionPolicy") {
            $0.sink {
                ($0.version, $0.database, $0.organization, $0.bucket) = (.v2, nil, "o", "b")
                $0.retentionPolicy = "r"
            }
        },
        Case("spec.publish.forecasts[0].influxdb.bucket") { $0.sink { $0.bucket = "b" } },
        Case("spec.publish.forecasts[0].influxdb.bucket") {
            $0.sink { ($0.version, $0.database, $0.organization) = (.v2, nil, "o") }
        },
        Case("spec.publish.forecasts[0].influxdb.measurement") { $0.sink { $0.measurement = "#m" } },
        Case("spec.publish.forecasts[0].influxdb.tags") { $0.sink { $0.tags = ["version": "1"] } },
        Case("spec.publish.forecasts[0].influxdb.tags") { $0.sink { $0.tags = ["issued": "1"] } },
        Case("spec.publish.forecasts[0].influxdb.tags") { $0.sink { $0.tags = ["time": "1"] } },
        Case("spec.publish.forecasts[0].parquet") {
            $0.series.targets = ["step"]
            $0.publish = PublishSpec(forecasts: [ForecastSinkSpec(parquet: FileSinkSpec(path: "f"))])
        },
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
        Case("spec.split") {
            $0.split = SplitSpec(train: 0.5, borders: SplitBordersSpec(train: 9, validation: 0, test: 9))
        },
        Case("spec.split.borders.test") {
            $0.split = SplitSpec(borders: SplitBordersSpec(train: 9, validation: 0, test: 0))
        },
        Case("spec.split.dates.testFrom") { $0.split = SplitSpec(dates: SplitDatesSpec(testFrom: "2017-13-01")) },
        Case("spec.split.dates.testFrom") {
            $0.split = SplitSpec(dates: SplitDatesSpec(validationFrom: "2017-06-01", testFrom: "2017-05-01"))
        },
        Case("spec.preprocess.movingAverage") { $0.prepare { $0.movingAverage = 1 } },
        Case("spec.preprocess.outliers.factor") { $0.prepare { $0.outliers = OutlierSpec(clip: .iqr, factor: 0) } },
        Case("spec.preprocess.difference") { $0.prepare { $0.difference = DifferenceSpec(order: 0) } },
        Case("spec.preprocess.difference.order") { $0.prepare { $0.difference = DifferenceSpec(order: 3) } },
        Case("spec.preprocess.difference.seasonLength") {
            $0.prepare { $0.difference = DifferenceSpec(seasonLength: 1) }
        },
        Case("spec.preprocess.lags") { $0.prepare { $0.lags = [24] } },
        Case("spec.preprocess.lags") {
            $0.informer { _ in }
            $0.prepare { $0.lags = [24, 24] }
        },
        Case("spec.preprocess.lags[0]") {
            $0.informer { _ in }
            $0.prepare { $0.lags = [0] }
        },
        Case("spec.preprocess.rolling") { $0.prepare { $0.rolling = [RollingSpec(function: .std, window: 24)] } },
        Case("spec.preprocess.rolling[0].window") {
            $0.informer { _ in }
            $0.prepare { $0.rolling = [RollingSpec(function: .std, window: 1)] }
        },
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
        Case("spec.series.futureCovariates") { $0.series.futureCovariates = ["value"] },
        Case("spec.series.futureCovariates") { $0.series.futureCovariates = ["temp", "temp"] },
        Case("spec.series.futureCovariates") { $0.series.futureCovariates = ["time"] },
        Case("spec.series.futureCovariates") {
            $0.informer { _ in }
            $0.series.pastCovariates = ["temp"]
            $0.series.futureCovariates = ["temp"]
        },
        Case("spec.series.futureCovariates") {
            $0.model = ModelSpec(lookback: 48, horizon: 24, seasonalNaive: SeasonalNaiveSpec())
            $0.series.futureCovariates = ["temp"]
        },
        Case("spec.preprocess.calendar") { $0.prepare { $0.calendar = [.dayOfWeek, .dayOfWeek] } },
        Case("spec.preprocess.calendar") { $0.prepare { $0.calendar = [.hourOfDay, .hourOfWeek] } },
        Case("spec.preprocess.calendar") {
            $0.series.frequency = "1d"
            $0.prepare { $0.calendar = [.hourOfDay] }
        },
        Case("spec.preprocess.calendar") {
            $0.series.frequency = "1w"
            $0.prepare { $0.calendar = [.dayOfWeek] }
        },
        Case("spec.preprocess.calendar") {
            $0.series.frequency = "1mo"
            $0.prepare { $0.calendar = [.dayOfMonth] }
        },
        Case("spec.preprocess.calendar") {
            $0.series.frequency = "1y"
            $0.prepare { $0.calendar = [.dayOfYear] }
        },
        Case("spec.preprocess.calendar") {
            $0.model = ModelSpec(lookback: 48, horizon: 24, seasonalNaive: SeasonalNaiveSpec())
            $0.prepare { $0.calendar = [.dayOfWeek] }
        },
        Case("spec.preprocess.holidays") {
            $0.series.frequency = "1w"
            $0.prepare { $0.holidays = HolidaysSpec(dates: ["2026-12-25"]) }
        },
        Case("spec.preprocess.holidays") {
            $0.model = ModelSpec(lookback: 48, horizon: 24, seasonalNaive: SeasonalNaiveSpec())
            $0.prepare { $0.holidays = HolidaysSpec(dates: ["2026-12-25"]) }
        },
        Case("spec.preprocess.holidays.dates") { $0.prepare { $0.holidays = HolidaysSpec(dates: []) } },
        Case("spec.preprocess.holidays.dates") { $0.prepare { $0.holidays = HolidaysSpec(dates: ["25-12-2026"]) } },
        Case("spec.training.learningRate") { $0.train { $0.learningRate = 0 } },
        Case("spec.training.epochs") { $0.train { $0.epochs = 0 } },
        Case("spec.training.gradientClip") { $0.train { $0.gradientClip = .nan } },
        Case("spec.training.seed") { $0.train { $0.seed = -1 } },
        Case("spec.model.dlinear.kernelSize") {
            $0.model = ModelSpec(lookback: 1, horizon: 1, dlinear: DLinearSpec(kernelSize: 4))
        },
        Case("spec.retrain") { $0.retrain = RetrainSpec() },
        Case("spec.retrain.cooldownSeconds") { $0.retrain = RetrainSpec(onDrift: true, cooldownSeconds: 9) },
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
        Case("spec.series.timeZone") { $0.series.timeZone = "Europe/Amsterdm" },
        Case("spec.series.timeZone") { $0.series.timeZone = "CET+1" },
        Case("spec.series.timeZone") {
            $0.series.timeZone = "Europe/Amsterdam"
            $0.series.frequency = "1d"
        },
        Case("spec.series.timeZone") {
            $0.series.timeZone = "Europe/Amsterdam"
            $0.series.timestampFormat = "UnixSeconds"
        },
        Case("spec.series.timeZone") {
            $0.series.timeZone = "Europe/Amsterdam"
            $0.source = SourceSpec(
                influxdb: InfluxDBSourceSpec(url: "http://influx:8086", database: "d", query: "SELECT value FROM load")
            )
        },
        Case("spec.series.repeatedHour") { $0.series.repeatedHour = .first },
        Case("spec.preprocess.timeZone") { $0.prepare { $0.timeZone = "Europe/Amsterdam" } },
        Case("spec.preprocess.timeZone") {
            $0.prepare {
                $0.calendar = [.hourOfDay]
                $0.timeZone = "PST"
            }
        },
        Case("spec.preprocess.timeZone") {
            $0.series.frequency = "1d"
            $0.prepare {
                $0.calendar = [.dayOfWeek]
                $0.timeZone = "Europe/Amsterdam"
            }
        },
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
        let zones = ZoneDatabase.ofThisMachine
        let problems = spec.problems() + spec.zoneProblems(zones: zones) + spec.scheduleProblems(zones: zones)
        #expect(problems.map(\.field) == [bad.testDescription])
    }

    @Test("local times of a file and a calendar in a zone are good, and the calendar's zone is that of the times")
    func zones() {
        var spec = Sample.minimal
        #expect(spec.calendarTimeZone == nil)
        (spec.series.timeZone, spec.series.repeatedHour) = ("America/New_York", .first)
        #expect(spec.calendarTimeZone == "America/New_York")
        spec.prepare {
            $0.calendar = [.hourOfWeek]
            $0.timeZone = "Europe/Amsterdam"
        }
        #expect(spec.calendarTimeZone == "Europe/Amsterdam")
        #expect(Sample.pipeline(spec).problems(zones: .ofThisMachine) == [])
        let missing = spec.zoneProblems(zones: ZoneDatabase(folder: "/nowhere"))
        #expect(missing.map(\.field) == ["spec.series.timeZone", "spec.preprocess.timeZone"])
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

    /// Takes InfluxDB as the source, with changed settings.
    fileprivate mutating func files(_ change: (inout ForecastSinkSpec) -> Void) {
        var sink = ForecastSinkSpec()
        change(&sink)
        publish = PublishSpec(forecasts: [sink])
    }

    fileprivate mutating func influxdb(_ change: (inout InfluxDBSourceSpec) -> Void) {
        var block = InfluxDBSourceSpec(url: "http://influx:8086", database: "d", query: "SELECT v FROM m")
        change(&block)
        source = SourceSpec(influxdb: block)
    }

    /// Takes Prometheus as the source, with a window and changed settings.
    fileprivate mutating func prometheus(_ change: (inout PrometheusSourceSpec) -> Void) {
        var block = PrometheusSourceSpec(url: "http://prometheus:9090", query: "v")
        change(&block)
        source = SourceSpec(prometheus: block, window: DataWindowSpec(lookbackPeriod: "90d"))
    }

    /// Writes forecasts to InfluxDB, with changed settings.
    fileprivate mutating func sink(_ change: (inout InfluxDBSinkSpec) -> Void) {
        var block = InfluxDBSinkSpec(url: "http://influx:8086", database: "d")
        change(&block)
        publish = PublishSpec(forecasts: [ForecastSinkSpec(influxdb: block)])
    }

    /// Takes Informer as the model, with changed settings.
    fileprivate mutating func prepare(_ change: (inout PreprocessSpec) -> Void) {
        var spec = PreprocessSpec()
        change(&spec)
        preprocess = spec
    }

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
