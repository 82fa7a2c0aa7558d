// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing
import Yams

@testable import Operator

@Suite("The objects that the operator builds")
struct DesiredObjectsTests {
    private var run: ForecastRun {
        var pipeline = Objects.pipeline()
        pipeline.spec.source.csv?.persistentVolumeClaim = ClaimReference(claimName: "data")
        pipeline.spec.worker = WorkerSpec(
            resources: ResourcesSpec(requests: ["cpu": "500m"], limits: ["memory": "512Mi"]),
            nodeSelector: ["disk": "ssd"],
            tolerations: [TolerationSpec(key: "gpu", operator: "Exists")]
        )
        return Objects.run(of: pipeline, gate: nil)
    }

    private var pipeline: ForecastPipeline {
        var pipeline = Objects.pipeline()
        pipeline.status = ForecastPipelineStatus()
        pipeline.status?.model = Objects.model("20270115-080000")
        pipeline.status?.previousModel = Objects.model("20270114-080000")
        return pipeline
    }

    private func goal(_ service: ForecastService, _ pipeline: ForecastPipeline) throws -> ServingGoal {
        let wanted = try #require(ServedVersion(service.spec, pipeline: pipeline))
        return ServingGoal(wanted, service: service, pipeline: pipeline, present: nil, digest: "")
    }

    /// Compares with a file of this folder, which is written where it is missing and ALMANAC_WRITE_GOLDEN is set.
    private func golden(_ name: String, _ object: some Encodable) throws {
        let json = String(decoding: try KubeJSON.encoder().encode(object), as: UTF8.self)
        let text = try Yams.dump(object: Yams.load(yaml: json), sortKeys: true)
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name).yaml")
        let written = try? String(contentsOf: file, encoding: .utf8)
        if written == nil, ProcessInfo.processInfo.environment["ALMANAC_WRITE_GOLDEN"] != nil {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(written == text, "\(file.path) differs; delete it and run with ALMANAC_WRITE_GOLDEN=1 to write it anew")
    }

    private func job(_ step: Int, attempt: Int) throws -> Job {
        let template = try #require(run.template)
        let builder = StepJob(
            run: run,
            template: template,
            options: Objects.options,
            incumbent: Objects.model("20270114-080000")
        )
        return try builder.build(step: RunPlan(for: template).steps[step], attempt: attempt)
    }

    @Test("the Job of a step that reads a claim")
    func prepareJob() throws {
        try golden("prepare-job", try job(0, attempt: 2))
    }

    @Test("the Job of a step that trains")
    func trainJob() throws {
        try golden("train-job", try job(1, attempt: 1))
    }

    @Test("only the step that reads a source gets its Secret, and without it the pod starts all the same")
    func secrets() throws {
        var pipeline = Objects.pipeline()
        pipeline.spec.source.csv = CSVSourceSpec(url: "https://data.example/x.csv")
        pipeline.spec.source.csv?.secretRef = SecretReference(name: "data")
        let run = Objects.run(of: pipeline, gate: nil)
        let template = try #require(run.template)
        let jobs = try RunPlan(for: template).steps.map { step in
            let builder = StepJob(run: run, template: template, options: Objects.options)
            return (request: builder.request(step), job: try builder.build(step: step, attempt: 1))
        }
        #expect(jobs.map(\.request.secretsPath) == ["/var/run/secrets/almanac.dev", nil])
        let pods = jobs.compactMap(\.job.spec?.template.spec)
        let volume = try #require(pods.first?.volumes?.first { $0.secret != nil })
        #expect(volume.secret == SecretVolumeSource(secretName: "data", defaultMode: 0o440, optional: true))
        let mount = pods.first?.containers.first?.volumeMounts?.first { $0.name == volume.name }
        #expect(mount?.mountPath == "/var/run/secrets/almanac.dev/data")
        #expect(mount?.readOnly == true)
        #expect(pods.last?.volumes?.contains { $0.secret != nil } == false)
    }

    @Test("a Parquet file's claim is mounted where the worker looks for it, as a CSV file's is")
    func parquetClaim() throws {
        var pipeline = Objects.pipeline()
        let claim = ClaimReference(claimName: "data")
        pipeline.spec.source = SourceSpec(parquet: ParquetSourceSpec(path: "a.parquet", persistentVolumeClaim: claim))
        let run = Objects.run(of: pipeline, gate: nil)
        let template = try #require(run.template)
        let step = try #require(RunPlan(for: template).steps.first)
        let builder = StepJob(run: run, template: template, options: Objects.options)
        let pod = try #require(try builder.build(step: step, attempt: 1).spec?.template.spec)
        #expect(pod.volumes?.contains { $0.persistentVolumeClaim?.claimName == "data" } == true)
        let mount = pod.containers.first?.volumeMounts?.first { $0.name == "source" }
        #expect(mount?.mountPath == builder.request(step).sourcePath)
    }

    @Test("claims that forecasts are written into are mounted where the worker looks for them, by the step that writes")
    func sinkClaims() throws {
        var pipeline = Objects.pipeline()
        pipeline.spec.store = StoreSpec(persistentVolumeClaim: ClaimReference(claimName: "models"))
        pipeline.spec.publish = PublishSpec(
            forecasts: ["out", "models", "out"].map { claim in
                let place = ClaimReference(claimName: claim)
                return ForecastSinkSpec(csv: FileSinkSpec(path: "f", persistentVolumeClaim: place))
            }
        )
        let run = Objects.run(of: pipeline, gate: nil)
        let template = try #require(run.template)
        let builder = StepJob(run: run, template: template, options: Objects.options)
        let steps = RunPlan(for: template).steps
        let (first, last) = (try #require(steps.first), try #require(steps.last))
        #expect(builder.request(first).sinksPath == nil)
        let root = try #require(builder.request(last).sinksPath)
        let pod = try #require(try builder.build(step: last, attempt: 1).spec?.template.spec)
        let mounts = pod.containers.first?.volumeMounts?.filter { $0.mountPath.hasPrefix(root) } ?? []
        #expect(mounts.map(\.mountPath) == ["\(root)/out", "\(root)/models"])
        #expect(mounts.allSatisfy { $0.readOnly != true })
        // The store's claim is one volume, mounted twice.
        let claims = pod.volumes?.compactMap { $0.persistentVolumeClaim?.claimName } ?? []
        #expect(claims.sorted() == ["models", "out"])
        let names = Set(pod.volumes?.map(\.name) ?? [])
        #expect(mounts.allSatisfy { names.contains($0.name) })
    }

    private var bucket: S3StoreSpec {
        S3StoreSpec(
            endpoint: "https://store.example",
            bucket: "models",
            prefix: "team",
            secretRef: SecretReference(name: "s3")
        )
    }

    @Test("the Job of a step whose store is a bucket: no claim, and the Secret")
    func bucketJob() throws {
        var pipeline = Objects.pipeline()
        pipeline.spec.store = StoreSpec(s3: bucket)
        let run = Objects.run(of: pipeline, gate: nil)
        let template = try #require(run.template)
        let builder = StepJob(run: run, template: template, options: Objects.options)
        try golden("bucket-job", builder.build(step: try #require(RunPlan(for: template).steps.last), attempt: 1))
    }

    @Test("the Deployment of a version in a bucket, whatever the pipeline's store is by now")
    func bucketDeployment() throws {
        var pipeline = Objects.pipeline()
        pipeline.status = ForecastPipelineStatus()
        var model = Objects.model("20270115-080000")
        model.place(in: StoreSpec(s3: bucket), of: "demo")
        model.uri = "s3://models/team/models/default/demo/20270115-080000"
        pipeline.status?.model = model
        let service = Objects.service(replicas: 2)
        let deployment = ServingDeployment(
            service: service,
            goal: try goal(service, pipeline),
            options: Objects.options
        )
        try golden("bucket-deployment", Drift.stamped(deployment.build()))
        pipeline.spec.store = StoreSpec(s3: bucket)
        var pinned = Objects.service().spec
        pinned.model.version = "20270101-000000"
        let older = try #require(ServedVersion(pinned, pipeline: pipeline))
        #expect(older.uri == "s3://models/team/models/default/demo/20270101-000000")
        #expect(older.claimName == nil && older.s3 == bucket)
    }

    @Test("the claim of a pipeline")
    func claim() throws {
        try golden("claim", StoreClaim(pipeline: Objects.pipeline(), options: Objects.options).build())
    }

    @Test("the Deployment of a service")
    func deployment() throws {
        let service = Objects.service(replicas: 2)
        let deployment = ServingDeployment(
            service: service,
            goal: try goal(service, pipeline),
            options: Objects.options
        )
        try golden("deployment", Drift.stamped(deployment.build()))
    }

    @Test("the keys of a service's clients are mounted, and named to the process by their folder")
    func keys() throws {
        var service = Objects.service()
        service.spec.auth = ServingAuthSpec(apiKeys: APIKeysSpec(secretRef: SecretReference(name: "keys")))
        let goal = try goal(service, pipeline)
        let built = try ServingDeployment(service: service, goal: goal, options: Objects.options).build()
        let pod = try #require(built.spec?.template.spec)
        #expect(pod.volumes?.contains { $0.secret?.secretName == "keys" } == true)
        let arguments = pod.containers.first?.args ?? []
        let flag = try #require(arguments.firstIndex(of: "--auth-keys"))
        #expect(arguments[flag + 1] == "/var/run/secrets/almanac.dev/keys")
        #expect(pod.containers.first?.volumeMounts?.contains { $0.mountPath == arguments[flag + 1] } == true)
    }

    @Test(
        "the Deployment and the Service of a service by TLS that asks for tokens; only its pods have a token themselves"
    )
    func secured() throws {
        var service = Objects.service(replicas: 2)
        service.spec.tls = ServingTLSSpec(secretRef: SecretReference(name: "certificate"))
        service.spec.auth = ServingAuthSpec(
            apiKeys: APIKeysSpec(secretRef: SecretReference(name: "keys")),
            jwt: JWTAuthSpec(
                issuer: "https://login.example",
                audiences: ["forecasts", "prices"],
                jwks: KeySetSpec(configMapRef: NameReference(name: "login-keys"))
            ),
            kubernetes: KubernetesAuthSpec(audiences: ["forecasts"])
        )
        service.spec.worker = WorkerSpec(serviceAccountName: "forecast-reviewer")
        let goal = try goal(service, pipeline)
        let built = try ServingDeployment(service: service, goal: goal, options: Objects.options).build()
        try golden("secured-deployment", Drift.stamped(built))
        let pod = try #require(built.spec?.template.spec)
        #expect(pod.automountServiceAccountToken == false)
        #expect(Set(pod.volumes?.map(\.name) ?? []).count == pod.volumes?.count)
        for mount in pod.containers.first?.volumeMounts ?? [] {
            #expect(pod.volumes?.contains { $0.name == mount.name } == true)
        }
        try golden("secured-service", Drift.stamped(ServingNetwork(service: service).build()))
        #expect(ServingNetwork(service: service).url == "https://demo.default.svc")
        let places: [(KeySetSpec, String)] = [
            (KeySetSpec(secretRef: SecretReference(name: "jwks")), "/var/run/secrets/almanac.dev/jwks"),
            (KeySetSpec(url: "https://login.example/keys"), "https://login.example/keys"),
        ]
        for (place, argument) in places {
            service.spec.auth?.jwt?.jwks = place
            #expect(ServingAccess(service: service).arguments.contains(argument))
            #expect(ServingAccess(service: service).volumes.count == 1)
        }
    }

    @Test("the ConfigMap of a service in the middle of a canary")
    func servingFile() throws {
        var service = Objects.service()
        service.spec.model.otherVersions = ["20270101-000000"]
        service.spec.canary = CanarySpec(
            steps: [CanarySpec.Step(trafficPercent: 10, holdSeconds: 60)],
            stickyHeader: "X-Client"
        )
        service.spec.limits = ServingLimitsSpec(requestsPerSecond: 100).withDefaults()
        service.spec.batching = ServingBatchingSpec(maxBatchSize: 16).withDefaults()
        service.status = ForecastServiceStatus()
        service.status?.canary = CanaryStatus(
            version: "20270115-080000",
            stable: "20270114-080000",
            trafficPercent: 10,
            startTime: Objects.now
        )
        let file = try ServingFile(service: service, goal: goal(service, pipeline))
        try golden("serving-configmap", Drift.stamped(file.build()))
        #expect(ServingFile.read(try file.build()) == file.configuration)
    }

    @Test("the Job that compares a service's forecasts with what came true")
    func monitorJob() throws {
        var pipeline = pipeline
        pipeline.spec.source.csv?.persistentVolumeClaim = ClaimReference(claimName: "data")
        pipeline.spec.worker = WorkerSpec(nodeSelector: ["disk": "ssd"])
        var service = Objects.service()
        let rule = MonitoringSpec(maxMASE: 1, drift: MonitoringSpec.Drift(maxPSI: 0.2)).withDefaults()
        service.spec.monitoring = rule
        let builder = MonitorJob(
            service: service,
            pipeline: pipeline,
            goal: try goal(service, pipeline),
            rule: rule,
            options: Objects.options
        )
        let subject = MonitorJob.Subject(time: Objects.now, version: "20270115-080000")
        let job = try builder.build(subject, now: Objects.now + 5)
        #expect(job.monitorSubject == subject)
        try golden("monitor-job", job)
    }

    @Test("the Service of a service")
    func network() throws {
        try golden("service", Drift.stamped(ServingNetwork(service: Objects.service()).build()))
    }

    @Test("every pod that we ship or make keeps the restricted Pod Security Standard")
    func restricted() throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let folders = ["Golden", "../../deploy/operator", "../../deploy/namespaced"]
        var pods = 0
        for folder in folders.map({ here.appending(path: $0).standardizedFileURL }) {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
                let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
                for case let object as [String: Any] in try Yams.load_all(yaml: text) {
                    let template = (object["spec"] as? [String: Any])?["template"] as? [String: Any]
                    guard let pod = template?["spec"] as? [String: Any], pod["containers"] != nil else { continue }
                    pods += 1
                    #expect(RestrictedPod.violations(pod).isEmpty, "\(name)")
                }
            }
        }
        // Two steps, a comparison of forecasts and the serving pod; a step and a serving pod for a store in a bucket; one
        // that asks for tokens; and the operator's own twice.
        #expect(pods == 9)
        let bare: [String: Any] = [
            "containers": [["name": "a"]], "volumes": [["name": "b", "hostPath": ["path": "/"]]],
        ]
        #expect(RestrictedPod.violations(bare).count == 5)
    }
}
