// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Hummingbird
import PrometheusMetrics

/// The routes of a server of one model.
struct ServingRoutes: Sendable {
    /// The one model.
    let model: ServedModel
    /// Whether new requests are wanted.
    let readiness: Readiness
    /// What is measured.
    let metrics: ServingMetrics
    private let v1: InferenceV1
    private let v2: InferenceV2
    private let info: ModelInfo

    typealias Context = BasicRequestContext
    typealias Handler = @Sendable (Request, Context) async throws -> Response

    init(model: ServedModel, readiness: Readiness, metrics: ServingMetrics) {
        self.model = model
        self.readiness = readiness
        self.metrics = metrics
        v1 = InferenceV1(shape: model.shape, needsTimes: model.forecaster.usesTimes)
        v2 = InferenceV2(shape: model.shape, needsTimes: model.forecaster.usesTimes)
        info = ModelInfo(model: model)
    }

    /// All routes, with errors as JSON and requests counted.
    func router() -> Router<Context> {
        let router = Router(context: Context.self)
        router.add(middleware: ServingMiddleware(metrics: metrics))
        addHealth(to: router)
        addV1(to: router)
        addV2(to: router)
        return router
    }

    private func addHealth(to router: Router<Context>) {
        for path in ["/", "/healthz"] {
            add(path, .get, to: router) { _, _ in .json(Array(#"{"status":"alive"}"#.utf8)) }
        }
        add("/metrics", .get, to: router) { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: MetricsRegistry.contentType],
                body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.registry.render()))
            )
        }
    }

    private func addV1(to router: Router<Context>) {
        add("/v1/models", .get, to: router) { _, _ in .json(info.list) }
        add("/v1/models/{model}", .get, to: router) { _, context in
            try checkName(context)
            try checkReady()
            return .json(info.ready)
        }
        add("/v1/models/{model}:predict", .post, to: router) { request, context in
            try checkName(context)
            let history = try v1.decode(try await RequestBodyReader.read(request))
            let forecasts = try await model.forecast(history)
            return .json(try v1.encode(forecasts, batch: history.batch))
        }
    }

    private func addV2(to router: Router<Context>) {
        add("/v2", .get, to: router) { _, _ in .json(info.server) }
        add("/v2/health/live", .get, to: router) { _, _ in .json(Array(#"{"live":true}"#.utf8)) }
        add("/v2/health/ready", .get, to: router) { _, _ in
            let isReady = readiness.isReady
            let body = #"{"ready":\#(isReady),"live":true}"#
            return .json(Array(body.utf8), status: isReady ? .ok : .serviceUnavailable)
        }
        add("/v2/models", .get, to: router) { _, _ in .json(info.list) }
        for path in ["/v2/models/{model}", "/v2/models/{model}/versions/{version}"] {
            add(path, .get, to: router) { _, context in
                try checkName(context)
                return .json(info.metadata)
            }
            add(path + "/ready", .get, to: router) { _, context in
                try checkName(context)
                try checkReady()
                return .json(info.ready)
            }
            add(path + "/infer", .post, to: router) { request, context in
                try checkName(context)
                let decoded = try v2.decode(try await RequestBodyReader.read(request))
                let forecasts = try await model.forecast(decoded.history)
                return .json(
                    try v2.encode(forecasts, for: decoded, model: model.name, version: model.version)
                )
            }
        }
    }

    /// Adds a route, and 405 for all other methods at its path.
    private func add(
        _ path: String,
        _ method: HTTPRequest.Method,
        to router: Router<Context>,
        _ handler: @escaping Handler
    ) {
        router.on(RouterPath(path), method: method, use: handler)
        for other in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options] where other != method {
            router.on(RouterPath(path), method: other) { request, _ -> Response in
                throw WorkerError.wrongMethod(
                    method: other.rawValue,
                    path: request.uri.path,
                    allowed: method.rawValue
                )
            }
        }
    }

    private func checkName(_ context: Context) throws {
        let name = context.parameters.get("model") ?? ""
        guard name == model.name else { throw WorkerError.unknownModel(name: name) }
        guard let version = context.parameters.get("version"), version != model.version else { return }
        throw WorkerError.unknownVersion(name: name, version: version)
    }

    private func checkReady() throws {
        guard readiness.isReady else { throw WorkerError.draining(name: model.name) }
    }
}
