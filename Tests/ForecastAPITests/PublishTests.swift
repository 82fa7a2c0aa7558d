// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import Testing

@Suite("What sources and places of forecasts mean for a run's steps")
struct PublishTests {
    private static var spec: ForecastPipelineSpec {
        var spec = Sample.minimal
        var source = InfluxDBSourceSpec(url: "http://influx:8086", database: "parking", query: "SELECT v FROM m")
        source.secretRef = SecretReference(name: "reader")
        spec.source = SourceSpec(influxdb: source)
        var sink = InfluxDBSinkSpec(url: "http://influx:8086", database: "parking")
        sink.secretRef = SecretReference(name: "writer")
        spec.publish = PublishSpec(forecasts: [ForecastSinkSpec(influxdb: sink)])
        return spec
    }

    @Test("a step gets the Secrets of its own tasks and no other")
    func secrets() {
        #expect(Self.spec.secretNames(for: [.prepare]) == ["reader"])
        #expect(Self.spec.secretNames(for: [.train, .evaluate]) == [])
        #expect(Self.spec.secretNames(for: [.train, .evaluate, .publish]) == ["writer"])
    }

    @Test("files bring the Secrets of their buckets and the claims of their folders, each once")
    func files() {
        var spec = Sample.minimal
        let server = S3ServerSpec(secretRef: SecretReference(name: "keys"))
        let (here, there) = (ClaimReference(claimName: "b"), ClaimReference(claimName: "a"))
        spec.publish = PublishSpec(forecasts: [
            ForecastSinkSpec(csv: FileSinkSpec(path: "f", persistentVolumeClaim: here)),
            ForecastSinkSpec(parquet: FileSinkSpec(url: "s3://data/f", s3: server)),
            ForecastSinkSpec(parquet: FileSinkSpec(path: "f", persistentVolumeClaim: there)),
            ForecastSinkSpec(csv: FileSinkSpec(path: "g", persistentVolumeClaim: here)),
        ])
        #expect(spec.problems() == [])
        #expect(spec.clusterProblems() == [])
        #expect(spec.secretNames(for: [.publish]) == ["keys"])
        #expect(spec.secretNames(for: [.prepare]) == [])
        #expect(spec.sinkClaims == ["b", "a"])
        spec.publish?.forecasts?[2].parquet?.persistentVolumeClaim = nil
        #expect(spec.problems() == [])
        let problem = spec.clusterProblems().map(\.description)
        #expect(problem.count == 1)
        #expect(problem.first?.contains("spec.publish.forecasts[2].parquet.persistentVolumeClaim") == true)
    }

    @Test("another gate makes another result of the step that writes forecasts, and of no step that does not")
    func cacheKey() throws {
        func key(_ spec: ForecastPipelineSpec, threshold: Double) throws -> String {
            var gated = spec
            gated.gate = GateSpec(threshold: threshold)
            let identity = RunIdentity(namespace: "n", pipeline: "p", name: "p-g1", createdTime: Sample.time)
            let step = PlannedStep(name: "train", tasks: [.train, .evaluate, .publish], dependsOn: ["prepare"])
            let request = StepRequest(run: identity, step: step, spec: gated, storePath: "/store", sourcePath: "/data")
            let dataset = DatasetStatus(digest: "d", rows: 10, from: Sample.time, to: Sample.time)
            return try #require(try StepCacheKey.key(of: request, dataset: dataset, image: "sha256:00"))
        }
        #expect(try key(Self.spec, threshold: 1) != key(Self.spec, threshold: 2))
        var silent = Self.spec
        silent.publish = nil
        #expect(try key(silent, threshold: 1) == key(silent, threshold: 2))
    }
}
