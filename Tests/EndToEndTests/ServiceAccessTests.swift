// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import Testing

@Suite(
    "A service whose clients the cluster knows, on a real cluster",
    .enabled(if: RealCluster.isAvailable),
    .serialized,
    .timeLimit(.minutes(4))
)
struct ServiceAccessTests {
    private static let objects = """
        apiVersion: almanac.dev/v1alpha1
        kind: ForecastPipeline
        metadata: {name: wave}
        spec:
          source: {csv: {url: "URL"}}
          series: {timestamp: time, targets: [value], frequency: 1h}
          model: {lookback: 48, horizon: 12, nlinear: {}}
        ---
        apiVersion: almanac.dev/v1alpha1
        kind: ForecastService
        metadata: {name: wave}
        spec:
          model: {pipelineRef: {name: wave}}
          auth: {kubernetes: {audiences: [forecasts]}}
          worker: {serviceAccountName: forecast-reviewer}
        """

    /// What an administrator does, as docs/services.md tells it; gives back the name of what is in no namespace.
    private func letPodsAsk(_ cluster: RealCluster) throws -> String {
        let (account, binding) = ("forecast-reviewer", "forecast-reviewer-\(cluster.namespace)")
        try cluster.kubectl("create", "serviceaccount", account)
        try cluster.kubectl(
            "create",
            "clusterrolebinding",
            binding,
            "--clusterrole=system:auth-delegator",
            "--serviceaccount=\(cluster.namespace):\(account)"
        )
        return binding
    }

    private func letAsk(_ account: String, _ cluster: RealCluster) throws {
        let subject = "--serviceaccount=\(cluster.namespace):\(account)"
        try cluster.kubectl("create", "rolebinding", "\(account)-asks-wave", "--role=ask-wave", subject)
    }

    /// The answer's status for whoever shows this token; nil shows none.
    private func status(_ token: String?, _ cluster: RealCluster) async throws -> Int {
        let transport = CurlTransport()
        let history = (0..<48).map { 100 + 20 * sin(Double($0) * .pi / 12) }
        let answer = try await transport.send(
            HTTPRequest(
                method: "POST",
                url: cluster.address(of: "wave"),
                headers: [HTTPHeader("Content-Type", "application/json")]
                    + (token.map { [HTTPHeader("Authorization", "Bearer \($0)")] } ?? []),
                body: try JSONEncoder().encode(["instances": [history]]),
                timeout: .seconds(10)
            )
        )
        await transport.shutdown()
        return answer.status
    }

    @Test("tokens of ServiceAccounts are let in by a Role, refused without one, and unknown where they are not genuine")
    func tokens() async throws {
        let cluster = try await RealCluster.make("access")
        defer { cluster.remove() }
        let data = try await DataServer()
        try data.publish(DataServer.wave(days: 20, noise: 0.01), as: "wave.csv")
        let binding = try letPodsAsk(cluster)
        defer { _ = try? cluster.kubectl("delete", "clusterrolebinding", binding, "--wait=false") }
        for account in ["web", "stranger"] { try cluster.kubectl("create", "serviceaccount", account) }
        let verb = ["--verb=create", "--resource=forecastservices.almanac.dev/predict", "--resource-name=wave"]
        try cluster.apply(Self.objects.replacingOccurrences(of: "URL", with: "\(data.url)/wave.csv"))
        try cluster.kubectl("create", "role", "ask-wave", verb[0], verb[1], verb[2])
        try letAsk("web", cluster)
        try await cluster.until("the service is ready, so the pods may ask whose a token is") {
            try cluster.condition("fsvc wave", "Ready", "status") == "True"
        }
        let known = try cluster.kubectl("create", "token", "web", "--audience=forecasts")
        let stranger = try cluster.kubectl("create", "token", "stranger", "--audience=forecasts")
        let elsewhere = try cluster.kubectl("create", "token", "web", "--audience=somewhere-else")
        #expect(try await status(known, cluster) == 200)
        #expect(try await status(stranger, cluster) == 403)
        #expect(try await status(elsewhere, cluster) == 401, "it was made for somebody else")
        #expect(try await status(String(known.dropLast(8)) + "AAAAAAAA", cluster) == 401)
        #expect(try await status("none-of-ours", cluster) == 401)
        #expect(try await status(nil, cluster) == 401)

        try letAsk("stranger", cluster)
        // A refusal counts for ten seconds.
        var last = 403
        let deadline = ContinuousClock.now + .seconds(20)
        while last == 403, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(500))
            last = try await status(stranger, cluster)
        }
        #expect(last == 200)
    }
}
