// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Scheduling

/// Objects with every field set, and the least that is valid.
enum Sample {
    static let time = Date(timeIntervalSince1970: 1_795_000_000)

    static var minimal: ForecastPipelineSpec {
        ForecastPipelineSpec(
            source: SourceSpec(csv: CSVSourceSpec(path: "data.csv")),
            series: SeriesSpec(timestamp: "time", targets: ["value"], frequency: "1h"),
            model: ModelSpec(lookback: 48, horizon: 24, nlinear: NLinearSpec())
        )
    }

    static func pipeline(_ spec: ForecastPipelineSpec = minimal, name: String = "demo") -> ForecastPipeline {
        var metadata = ObjectMeta(name: name, namespace: "default")
        metadata.generation = 2
        return ForecastPipeline(metadata: metadata, spec: spec)
    }

    private static var preprocess: PreprocessSpec {
        var spec = PreprocessSpec(missing: .seasonal, scaler: .robust)
        spec.resample = .mean
        spec.outliers = OutlierSpec(clip: .iqr)
        spec.movingAverage = 30
        spec.transform = .boxCox
        spec.difference = DifferenceSpec(seasonLength: 24)
        spec.lags = [168]
        spec.rolling = [RollingSpec(function: .std, window: 24)]
        spec.calendar = [.hourOfWeek, .dayOfYear]
        spec.holidays = HolidaysSpec(dates: ["2026-12-25"])
        spec.timeZone = "Europe/Amsterdam"
        return spec
    }

    /// Every optional field is set, so blocks that exclude each other stand side by side.
    static var fullSpec: ForecastPipelineSpec {
        var spec = minimal
        let claim = ClaimReference(claimName: "data")
        spec.retrain = RetrainSpec(onAccuracyLoss: true)
        spec.schedule = ScheduleSpec(crons: ["0 3 * * *"])
        spec.schedule?.startingDeadlineSeconds = 600
        spec.runRequest = "again"
        spec.source.csv?.url = "https://example.org/data.csv"
        spec.source.csv?.persistentVolumeClaim = claim
        spec.source.csv?.secretRef = SecretReference(name: "data")
        spec.source.csv?.columns = ["time", "value"]
        spec.source.parquet = ParquetSourceSpec(
            url: "https://example.org/data.parquet",
            path: "data.parquet",
            persistentVolumeClaim: claim
        )
        spec.source.parquet?.secretRef = SecretReference(name: "data")
        spec.source.influxdb = influxdb
        spec.source.prometheus = prometheus
        spec.source.window = DataWindowSpec(lookbackPeriod: "90d", from: time, to: time + 3_600)
        let keys = SecretReference(name: "keys")
        let server = S3ServerSpec(endpoint: "http://store:8333", secretRef: keys)
        spec.source.parquet?.s3 = server
        let files = FileSinkSpec(
            url: "s3://data/forecasts",
            path: "forecasts",
            persistentVolumeClaim: claim,
            s3: server
        )
        spec.publish = PublishSpec(
            forecasts: [ForecastSinkSpec(influxdb: influxdbSink, csv: files, parquet: files)]
        )
        spec.series.seasonLength = 24
        spec.series.timeZone = "Europe/Amsterdam"
        spec.series.repeatedHour = .first
        spec.model.seasonalNaive = SeasonalNaiveSpec()
        spec.model.dlinear = DLinearSpec()
        spec.model.informer = InformerSpec()
        spec.model.informer?.labelLength = 24
        spec.series.pastCovariates = ["temperature"]
        spec.series.futureCovariates = ["price"]
        spec.series.groupBy = ["store"]
        spec.series.shortSeries = .skip
        spec.model.scope = .local
        spec.preprocess = preprocess
        spec.split = SplitSpec(
            train: 0.6,
            validation: 0.2,
            dates: SplitDatesSpec(validationFrom: "2017-06-26", testFrom: "2017-10-24T00:00:00Z"),
            borders: SplitBordersSpec(train: 8_640, validation: 2_880, test: 2_880)
        )
        spec.training = TrainingSpec()
        spec.training?.gradientClip = 1
        spec.promote = "20261120-034500"
        spec.dataChecks = DataChecksSpec(
            maxAgeSteps: 3,
            maxGapSteps: 2,
            maxFlatSteps: 48,
            ranges: [ColumnRangeSpec(column: "value", minimum: 0, maximum: 10)]
        )
        spec.backtest = BacktestSpec(windows: 5)
        spec.intervals = IntervalsSpec(levels: [80, 95])
        spec.gate = GateSpec(threshold: 0.5, baseline: GateBaselineSpec(kind: .both))
        spec.gate?.coverage = GateCoverageSpec(level: 80)
        spec.source.csv?.s3 = server
        let bucket = S3StoreSpec(endpoint: "http://store:8333", bucket: "models", prefix: "team", secretRef: keys)
        spec.store = StoreSpec(persistentVolumeClaim: claim, s3: bucket)
        spec.service = ServiceTemplateSpec(name: "demo", replicas: 2)
        spec.worker = worker
        spec.cache = .disabled
        spec.steps = [step]
        return spec.withDefaults()
    }

    static var influxdb: InfluxDBSourceSpec {
        var source = InfluxDBSourceSpec(
            url: "http://influx:8086",
            database: "parking",
            query: "SELECT value FROM load WHERE $timeFilter"
        )
        source.retentionPolicy = "autogen"
        source.organization = "team"
        source.secretRef = SecretReference(name: "influx")
        return source
    }

    static var prometheus: PrometheusSourceSpec {
        var source = PrometheusSourceSpec(url: "http://prometheus:9090", query: "sum(load)")
        source.step = "5min"
        source.columnLabel = "site"
        source.secretRef = SecretReference(name: "prometheus")
        return source
    }

    static var influxdbSink: InfluxDBSinkSpec {
        var sink = InfluxDBSinkSpec(url: "http://influx:8086", database: "parking")
        sink.retentionPolicy = "autogen"
        sink.organization = "team"
        sink.bucket = "forecasts"
        sink.tags = ["site": "noord"]
        sink.secretRef = SecretReference(name: "influx")
        return sink
    }

    static var step: StepSpec {
        var step = StepSpec(name: .train)
        step.attempts = 2
        step.backoffSeconds = 30
        step.deadlineSeconds = 600
        step.resources = worker.resources
        return step
    }

    static var worker: WorkerSpec {
        WorkerSpec(
            resources: ResourcesSpec(requests: ["cpu": "500m"], limits: ["memory": "1Gi"]),
            nodeSelector: ["disk": "ssd"],
            tolerations: [TolerationSpec(key: "k", operator: "Equal", value: "v", effect: "NoSchedule")],
            serviceAccountName: "forecasts"
        )
    }

    static var metrics: ModelMetrics {
        ModelMetrics(
            mae: 0.4,
            mse: 0.3,
            rmse: 0.5,
            r2: 0.8,
            mase: 0.9,
            scaledMae: 0.2,
            scaledMse: 0.1,
            windows: 7,
            mape: 12,
            smape: 13,
            intervals: [IntervalMetrics(level: 80, coverage: 78.9, width: 2.5)]
        )
    }

    static var model: ModelStatus {
        var model = ModelStatus(
            version: "20261121-034500",
            uri: "models/x",
            digest: "abc",
            kind: "nlinear",
            trainedTime: time
        )
        model.claimName = "demo-store"
        model.s3 = fullSpec.store?.s3
        return model
    }

    static var gate: GateStatus {
        var gate = GateSpec(threshold: 0.5, baseline: GateBaselineSpec(kind: .both))
        gate.coverage = GateCoverageSpec(level: 80)
        return gate.decide(metrics: metrics, backtest: backtest)
    }

    static var backtest: BacktestStatus {
        var backtest = BacktestStatus(
            mode: .expanding,
            windows: 7,
            strideSteps: 24,
            span: time...(time + 3_600),
            measure: GateMeasure(nil),
            table: "runs/default/demo-g2/backtest.csv"
        )
        backtest.baselines = BaselineStatus.Kind.allCases.map { kind in
            var baseline = BaselineStatus(kind: kind, version: "20261120-034500", metrics: metrics, problem: "p")
            baseline.windowsWon = 4
            baseline.missingSeries = SeriesListStatus(["store=new"])
            baseline.comparedValue = 0.4
            baseline.dieboldMariano = DieboldMarianoStatus(statistic: -1.5, pValue: 0.2)
            return baseline
        }
        backtest.recent = [WindowStatus(from: time, value: 0.4, incumbent: 0.5, seasonalNaive: 0.6)]
        backtest.series = SeriesErrorsStatus(
            [("store=north", 0.4), ("store=west", 0.5)],
            metric: .mae,
            table: "runs/default/demo-g2/series.csv"
        )
        return backtest
    }

    /// A backtest in which baselines have these errors; nil for one that there is not.
    static func backtest(incumbent: Double?, seasonalNaive: Double?) -> BacktestStatus {
        var made = backtest
        made.baselines = []
        for (kind, mae) in [(BaselineStatus.Kind.incumbent, incumbent), (.seasonalNaive, seasonalNaive)] {
            guard let mae else { continue }
            var errors = metrics
            errors.mae = mae
            made.baselines.append(BaselineStatus(kind: kind, metrics: errors))
        }
        return made
    }

    static var condition: Condition {
        Condition("Ready", .yes, reason: "GatePassed", message: "m", observedGeneration: 2, lastTransitionTime: time)
    }

    static var fullPipeline: ForecastPipeline {
        var status = ForecastPipelineStatus()
        status.observedGeneration = 2
        status.observedRunRequest = "again"
        status.observedTemplate = "00ff"
        status.conditions = [condition]
        let remembered = ScheduleStatus(
            schedule: "0 3 * * * (UTC, RunAfter, First)",
            isSuspended: true,
            inForceSince: time,
            lastScheduleTime: time,
            nextScheduleTime: time,
            missedCount: 1,
            lastMissed: ScheduleStatus.Missed(time: time, reason: .stillRunning)
        )
        status.schedule = PipelineScheduleStatus(remembered, lastSuccessfulTime: time)
        status.lastRun = LastRunStatus(
            name: "demo-g2",
            trigger: .runRequest,
            startTime: time,
            completionTime: time,
            outcome: .promoted
        )
        status.retrain = RetrainStatus(
            service: "demo",
            time: time,
            trigger: .accuracy,
            run: "demo-f1",
            message: "MAE 3 (limit 2)"
        )
        status.metrics = metrics
        status.gate = gate
        status.model = model
        status.previousModel = model
        status.versions = [model]
        var pipeline = pipeline(fullSpec)
        pipeline.status = status
        return pipeline
    }

    static var fullRun: ForecastRun {
        var step = StepStatus(name: "prepare", state: .failed, attempts: 3)
        step.job = "demo-g2-prepare"
        step.startTime = time
        step.completionTime = time
        step.reason = "BadData"
        step.message = "line 3"
        step.progress = StepProgress(task: "Prepare", message: "reading", fraction: 0.5, rows: 7)
        step.progress?.time = time
        step.progress?.epoch = 2
        step.progress?.epochs = 6
        step.progress?.loss = 0.5
        step.image = "almanac.dev/worker@sha256:00"
        step.cacheKey = "0011"
        step.cachedFrom = "demo-g1"
        step.failures = [AttemptFailure(attempt: 1, reason: "BadData", message: "line 3", time: time)]
        var status = ForecastRunStatus()
        status.observedGeneration = 1
        status.conditions = [condition]
        status.steps = [step]
        status.startTime = time
        status.completionTime = time
        status.dataset = DatasetStatus(digest: "d", rows: 10, from: time, to: time, series: 2)
        status.dataset?.skippedSeries = SeriesListStatus(["store=south"])
        status.training = TrainingStatus(
            epochs: 4,
            bestEpoch: 1,
            trainLoss: 0.4,
            validationLoss: 0.5,
            stoppedEarly: true
        )
        status.metrics = metrics
        status.backtest = backtest
        status.gate = gate
        status.model = model
        status.template = fullSpec.template
        var run = run(spec: fullSpec, status: status)
        run.spec.fromRun = "demo-g1"
        run.spec.overrides = TemplateOverrides(.object([:]))
        run.spec.cancel = true
        return run
    }

    static func run(spec: ForecastPipelineSpec = minimal, status: ForecastRunStatus? = nil) -> ForecastRun {
        ForecastRun(
            metadata: ObjectMeta(name: "demo-g2", namespace: "default"),
            spec: ForecastRunSpec(
                pipelineRef: NameReference(name: "demo"),
                trigger: .schedule,
                scheduledTime: time,
                template: spec.template
            ),
            status: status
        )
    }

    static var fullService: ForecastService {
        var status = ForecastServiceStatus()
        status.observedGeneration = 1
        status.conditions = [condition]
        status.url = "http://demo.default.svc"
        status.replicas = 1
        status.readyReplicas = 1
        status.selector = "a=b"
        status.stable = "20261121-034500"
        status.updating = "20261122-034500"
        let traffic = VersionTrafficStatus(requests: 100, errorPercent: 0, p99Milliseconds: 4.5)
        var canary = CanaryStatus(
            version: "20261122-034500",
            stable: "20261121-034500",
            trafficPercent: 10,
            startTime: time
        )
        canary.since = time
        canary.analysis = CanaryAnalysisStatus(
            outcome: .passed,
            message: "p99 4.5 ms",
            time: time,
            canary: traffic,
            stable: traffic
        )
        status.lastCanary = CanaryResultStatus(
            canary,
            result: .rolledBack,
            message: "p99 40 ms",
            observedCanary: "00",
            completionTime: time
        )
        let result = monitorResult
        canary.errors = CanaryErrorsStatus(
            result.comparison,
            canary: canary.version,
            stable: canary.stable,
            time: time
        )
        status.canary = canary
        status.accuracy = AccuracyStatus(result, version: canary.stable, time: time)
        status.monitoring = MonitoringStatus()
        status.monitoring?.job = "demo-monitor-1"
        status.monitoring?.time = time
        let failure = StepFailure(reason: .sourceUnreachable, message: "http://influx:8086 does not answer")
        status.monitoring?.failure = MonitoringStatus.Failure(failure, time: time)
        var spec = fullServiceSpec.withDefaults()
        // Not together in a service that is right.
        spec.auth?.jwt?.jwks.secretRef = SecretReference(name: "jwks")
        spec.auth?.jwt?.jwks.configMapRef = NameReference(name: "jwks")
        return ForecastService(
            metadata: ObjectMeta(name: "demo", namespace: "default"),
            spec: spec,
            status: status
        )
    }

    /// What a monitor may find.
    static var monitorResult: MonitorResult {
        let errors = ErrorSummary(values: 100, mae: 1, mse: 2, mase: 0.8, bias: -0.1)
        let bands = [LiveErrors.Band(fromStep: 1, toStep: 6, errors: errors, coverage: [78.9])]
        let levels = [LiveCoverage(level: 80, coverage: 78.9)]
        let stable = LiveErrors(version: "20261121-034500", errors: errors, bands: bands, intervals: levels)
        var result = MonitorResult(forecasts: 20, pending: 5, otherSeries: 1)
        result.series = 12
        result.worstSeries = [SeriesError(series: "store=north, item=12", values: 8, mae: 3, mase: 2)]
        result.from = time
        result.to = time
        result.stable = stable
        result.comparison = MonitorResult.Comparison(
            canary: LiveErrors(version: "20261122-034500", errors: errors, bands: bands),
            stable: stable
        )
        result.drift = [ColumnDrift(column: "value", rows: 168, psi: 0.1, ks: 0.2)]
        return result
    }

    /// A service with every field.
    static var fullServiceSpec: ForecastServiceSpec {
        var spec = ForecastServiceSpec(
            model: ServedModelSpec(pipelineRef: NameReference(name: "demo"), otherVersions: ["20261120-034500"]),
            worker: worker
        )
        spec.autoscaling = ServingAutoscalingSpec(maxReplicas: 4, targetRequestsPerSecond: 50)
        spec.canary = CanarySpec(
            steps: [CanarySpec.Step(trafficPercent: 10, holdSeconds: 60)],
            stickyHeader: "X-Client",
            analysis: CanarySpec.Analysis(maxErrorPercent: 1, maxP99Milliseconds: 20),
            decision: CanarySpec.Decision(version: "20261122-034500", action: .promote)
        )
        spec.tls = ServingTLSSpec(secretRef: SecretReference(name: "certificate"))
        spec.auth = ServingAuthSpec(
            apiKeys: APIKeysSpec(secretRef: SecretReference(name: "keys")),
            jwt: JWTAuthSpec(
                issuer: "https://login.example",
                audiences: ["forecasts"],
                jwks: KeySetSpec(url: "https://login.example/keys")
            ),
            kubernetes: KubernetesAuthSpec(audiences: ["forecasts"])
        )
        spec.limits = ServingLimitsSpec(maxConcurrentRequests: 2, requestsPerSecond: 100)
        spec.batching = ServingBatchingSpec(maxBatchSize: 16)
        spec.canary?.analysis?.maxErrorIncreasePercent = 10
        spec.monitoring = MonitoringSpec(maxMASE: 1, maxMAE: 3, drift: MonitoringSpec.Drift(maxPSI: 0.2, maxKS: 0.5))
        return spec
    }
}
