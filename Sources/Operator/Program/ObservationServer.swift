// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import KubeRuntime
import Logging
import PrometheusMetrics
import ServiceLifecycle

/// The HTTP side of the operator: health for the kubelet, metrics for Prometheus.
enum ObservationServer {
    /// `/healthz` and `/readyz`, with `?verbose` and `?exclude=`.
    static func health(
        _ checks: HealthChecks,
        at address: ListenAddress,
        onListening: @escaping @Sendable (Int) -> Void = { _ in },
        logger: Logger
    ) -> any ServiceLifecycle.Service {
        let router = Router()
        for (path, kind) in [("/healthz", HealthChecks.Kind.liveness), ("/readyz", .readiness)] {
            router.get(RouterPath(path)) { request, _ in
                let query = request.uri.queryParameters
                let report = checks.report(
                    kind,
                    verbose: query["verbose"] != nil,
                    excluding: Set(query.getAll("exclude"))
                )
                return text(report.text, status: report.isHealthy ? .ok : .serviceUnavailable)
            }
        }
        return server(router, address, onListening, logger)
    }

    /// `/metrics` in the text format of Prometheus.
    static func metrics(
        _ registry: MetricsRegistry,
        at address: ListenAddress,
        onListening: @escaping @Sendable (Int) -> Void = { _ in },
        logger: Logger
    ) -> any ServiceLifecycle.Service {
        let router = Router()
        router.get("/metrics") { _, _ in text(registry.render(), type: MetricsRegistry.contentType) }
        return server(router, address, onListening, logger)
    }

    private static func text(
        _ body: String,
        status: HTTPResponse.Status = .ok,
        type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status,
            headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body))
        )
    }

    private static func server(
        _ router: Router<BasicRequestContext>,
        _ address: ListenAddress,
        _ onListening: @escaping @Sendable (Int) -> Void,
        _ logger: Logger
    ) -> any ServiceLifecycle.Service {
        Application(
            router: router,
            configuration: .init(address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { onListening($0.localAddress?.port ?? 0) },
            logger: logger
        )
    }
}
