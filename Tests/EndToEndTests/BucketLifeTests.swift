// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import TestServers
import Testing

@testable import Connectors

@Suite(
    "A pipeline with a database and a bucket on a real cluster",
    .enabled(if: RealCluster.isAvailable && InfluxServer.isAvailable && SeaweedFS.isAvailable),
    .serialized,
    .timeLimit(.minutes(8))
)
struct BucketLifeTests {
    private static let days = 60

    /// Reads from InfluxDB, keeps its models in a bucket and writes its forecasts back: no volume anywhere.
    private func pipeline(_ influx: InfluxServer, _ bucket: SeaweedFS) -> String {
        """
        apiVersion: almanac.dev/v1alpha1
        kind: ForecastPipeline
        metadata: {name: wave}
        spec:
          source:
            influxdb:
              url: "\(influx.url)"
              database: city
              query: SELECT mean("value") AS "value" FROM "load" WHERE $timeFilter GROUP BY time(1h) fill(none)
              secretRef: {name: influxdb}
            window: {lookbackPeriod: \(Self.days)d}
          series: {timestamp: time, targets: [value], frequency: 1h}
          model: {lookback: 48, horizon: 12, nlinear: {}}
          gate: {metric: MAE, threshold: 2}
          publish:
            forecasts:
              - influxdb: {url: "\(influx.url)", database: city, secretRef: {name: influxdb}}
          store:
            s3: {endpoint: "\(bucket.endpoint)", bucket: models, prefix: forecasts, secretRef: {name: s3}}
          service: {name: wave}
        """
    }

    /// A point each half hour up to now, of a daily wave.
    private func fill(_ influx: InfluxServer) async throws {
        let last = Int(Date().timeIntervalSince1970) / 1_800
        let lines = (last - Self.days * 48...last).map { step in
            let value = 100 + 20 * sin(Double(step) * .pi / 24) + 0.2 * sin(Double(step) * 1.7)
            return "load value=\(value) \(step * 1_800)"
        }
        try await influx.fill("city", lines: lines)
    }

    private func makeBucket(_ server: SeaweedFS) async throws -> S3Client {
        let keys = try S3Credentials(accessKeyID: SeaweedFS.keys.id, secretAccessKey: SeaweedFS.keys.secret)
        let place = try S3Bucket(endpoint: server.endpoint, name: "models")
        let client = S3Client(bucket: place, credentials: .fixed(keys), transport: CurlTransport())
        _ = try await client.send(S3Client.Call(method: "PUT", expected: [409]))
        return client
    }

    private func setPassword(_ password: String, _ cluster: RealCluster) throws {
        try cluster.kubectl("delete", "secret", "influxdb", "--ignore-not-found")
        let user = "--from-literal=username=\(InfluxServer.user)"
        try cluster.kubectl("create", "secret", "generic", "influxdb", user, "--from-literal=password=\(password)")
    }

    @Test("reads, trains, serves and writes back by Secrets alone; a wrong one is told, and holds no service up")
    func life() async throws {
        let cluster = try await RealCluster.make("bucket")
        defer { cluster.remove() }
        let influx = try await InfluxServer(address: RealCluster.hostAddress)
        defer { influx.stop() }
        let server = try await SeaweedFS.start(address: RealCluster.hostAddress)
        let bucket = try await makeBucket(server)
        try await fill(influx)
        try setPassword(InfluxServer.password, cluster)
        let keys = ["accessKeyID=\(SeaweedFS.keys.id)", "secretAccessKey=\(SeaweedFS.keys.secret)"]
            .map { "--from-literal=\($0)" }
        try cluster.kubectl("create", "secret", "generic", "s3", keys[0], keys[1])
        try cluster.apply(pipeline(influx, server))
        try await cluster.until("the pipeline is ready") {
            try cluster.condition("fpipe wave", "Ready", "status") == "True"
        }

        let version = try cluster.get("fpipe wave", "{.status.model.version}")
        let folder = "forecasts/models/\(cluster.namespace)/wave/\(version)"
        #expect(try cluster.get("fpipe wave", "{.status.model.uri}") == "s3://models/\(folder)")
        let objects = try await bucket.list(prefix: folder + "/").objects.map(\.key)
        #expect(objects.contains("\(folder)/manifest.json") && objects.count == 2, "\(objects)")
        #expect(try cluster.get("pvc", "{.items[*].metadata.name}") == "")
        try await cluster.serving(version, "wave")
        let load = try Load(url: cluster.address(of: "wave"), lookback: 48)
        let forecast = try await load.once()
        #expect(forecast.count == 12 && forecast.allSatisfy { $0 > 60 && $0 < 140 }, "\(forecast)")
        let written = try await influx.ask(
            "SELECT count(value) FROM forecast WHERE pipeline = 'wave' AND version = '\(version)'",
            database: "city"
        )
        #expect(written.contains("[0,12]"), "\(written)")

        try setPassword("not-the-one", cluster)
        try request("wrong", cluster)
        try await cluster.until("the wrong password is told") {
            try cluster.condition("fpipe wave", "Ready", "reason") == "CredentialsRejected"
        }
        let message = try cluster.condition("fpipe wave", "Ready", "message")
        #expect(message.contains("\(influx.url)/query") && !message.contains("not-the-one"), "\(message)")
        #expect(try await load.once().count == 12)
        try setPassword(InfluxServer.password, cluster)
        try request("right", cluster)
        // The data is the same, so the run takes the version that there is.
        try await cluster.until("the right one is told as well") {
            try cluster.condition("fpipe wave", "Ready", "reason") == "GatePassed"
        }
        #expect(try cluster.get("fpipe wave", "{.status.model.version}") == version)
        try await cluster.serving(version, "wave")
    }

    private func request(_ value: String, _ cluster: RealCluster) throws {
        try cluster.kubectl("patch", "fpipe", "wave", "--type=merge", "-p", #"{"spec":{"runRequest":"\#(value)"}}"#)
    }
}
