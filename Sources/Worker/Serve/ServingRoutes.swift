// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Hummingbird

/// The routes of a server.
struct ServingRoutes: Sendable {
    /// The models by name and version.
    let shelf: ModelShelf
    /// Whether new requests are wanted.
    let readiness: Readiness
    /// What is measured.
    let metrics: ServingMetrics
    /// Which requests are let in.
    var admission = Admission(processors: 1)
    /// Where a line goes for each request; nil for nowhere.
    var accessLog: AccessLog?

    typealias Context = ServingContext
    typealias Handler = @Sendable (Request, Context) async throws -> Response

    /// All routes, with errors as JSON and requests counted.
    func router() -> Router<Context> {
        let router = Router(context: Context.self)
        router.add(middleware: ServingMiddleware(metrics: metrics, accessLog: accessLog))
        router.add(middleware: AdmissionMiddleware(admission: admission, readiness: readiness))
        addHealth(to: router)
        addV1(to: router)
        addV2(to: router)
        return router
    }

    private func addHealth(to router: Router<Context>) {
        for path in ["/", "/healthz"] {
            add(path, .get, to: router) { _, _ in .json(Array(#"{"status":"alive"}"#.utf8)) }
        }
        add("/metrics", .get, to: router) { _, _ in .metrics(metrics.registry) }
    }

    private func addV1(to router: Router<Context>) {
        add("/v1/models", .get, to: router) { _, _ in .json(try shelf.stable.info.list) }
        add("/v1/models/{model}", .get, to: router) { request, context in
            let entry = try entry(request, context)
            try checkReady()
            return .json(entry.info.ready)
        }
        add("/v1/models/{model}:predict", .post, to: router) { request, context in
            let model = try entry(request, context).model
            let history = try model.v1.decode(try await RequestBodyReader.read(request))
            let forecasts = try await model.forecast(history)
            return .json(try model.v1.encode(forecasts, batch: history.batch))
        }
    }

    private func addV2(to router: Router<Context>) {
        add("/v2", .get, to: router) { _, _ in .json(try shelf.stable.info.server) }
        add("/v2/health/live", .get, to: router) { _, _ in .json(Array(#"{"live":true}"#.utf8)) }
        add("/v2/health/ready", .get, to: router) { _, _ in
            .readiness(readiness.isReady && shelf.isServing)
        }
        add("/v2/models", .get, to: router) { _, _ in .json(try shelf.stable.info.list) }
        for path in ["/v2/models/{model}", "/v2/models/{model}/versions/{version}"] {
            add(path, .get, to: router) { request, context in
                .json(try entry(request, context).info.metadata)
            }
            add(path + "/ready", .get, to: router) { request, context in
                let entry = try entry(request, context)
                try checkReady()
                return .json(entry.info.ready)
            }
            add(path + "/infer", .post, to: router) { request, context in
                let model = try entry(request, context).model
                let decoded = try model.v2.decode(try await RequestBodyReader.read(request))
                let forecasts = try await model.forecast(decoded.history)
                return .json(
                    try model.v2.encode(forecasts, for: decoded, model: model.name, version: model.version)
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

    /// The version that answers a request: the one that its path names, or what the split says. Questions about the model
    /// are none of the requests that are split and counted.
    private func entry(_ request: Request, _ context: Context) throws(WorkerError) -> ModelShelf.Entry {
        let isForecast = request.method == .post
        let entry = try shelf.entry(
            name: context.parameters.get("model") ?? "",
            version: context.parameters.get("version"),
            splitBy: isForecast ? request.headers : nil
        )
        return isForecast ? context.record.pick(entry) : entry
    }

    private func checkReady() throws {
        guard readiness.isReady else { throw WorkerError.draining(name: shelf.name) }
    }
}
