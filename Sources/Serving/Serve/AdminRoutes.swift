// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import Hummingbird
import KubeCore
import PrometheusMetrics

/// The routes beside those of clients, for kubelet, operator and Prometheus: health, metrics and the report. They know no
/// keys, no limits and no queue, so they answer however busy the process is.
struct AdminRoutes: Sendable {
    let shelf: ModelShelf
    let readiness: Readiness
    let metrics: ServingMetrics
    /// What is wrong with letting clients in.
    var problems: @Sendable () -> [ServingReport.AccessProblem] = { [] }
    /// What takes forecasts, to be compared with what comes true; nil for nothing.
    var memory: ForecastMemory?

    /// The routes.
    func router() -> Router<BasicRequestContext> {
        let router = Router()
        for path in ["/", "/healthz"] {
            router.get(RouterPath(path)) { _, _ in Response.json(Array(#"{"status":"alive"}"#.utf8)) }
        }
        router.get("/v2/health/live") { _, _ in Response.json(Array(#"{"live":true}"#.utf8)) }
        router.get("/v2/health/ready") { _, _ in Response.readiness(readiness.isReady && shelf.isServing) }
        router.get("/metrics") { _, _ in Response.metrics(metrics.registry) }
        router.get(RouterPath(ServingReport.path)) { _, _ in
            var report = shelf.report(isReady: readiness.isReady)
            let problems = problems()
            if !problems.isEmpty { report.access = problems }
            report.memory = memory?.fault
            return Response.json(Array(try KubeJSON.encoder().encode(report)))
        }
        return router
    }
}

extension Response {
    /// The answer of `/v2/health/ready`.
    static func readiness(_ isReady: Bool) -> Response {
        .json(Array(#"{"ready":\#(isReady),"live":true}"#.utf8), status: isReady ? .ok : .serviceUnavailable)
    }

    /// All metrics, as Prometheus reads them.
    static func metrics(_ registry: MetricsRegistry) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: MetricsRegistry.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: registry.render()))
        )
    }
}
