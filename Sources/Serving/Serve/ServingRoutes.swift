// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird

/// The routes of a server; each protocol has a file of its own.
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
    /// What is unlike in two answers that are alike otherwise: an identifier and the time.
    var mark: @Sendable () -> TimeSeriesBody.Mark = {
        TimeSeriesBody.Mark(id: UUID().uuidString.lowercased(), created: Int64(Date.now.timeIntervalSince1970))
    }

    typealias Context = ServingContext
    typealias HeaderName = HTTPFields.Element.Name
    typealias Handler = @Sendable (Request, Context) async throws -> Response

    /// Which version answered.
    static let versionHeader = HeaderName("Almanac-Model-Version")

    /// The methods that a path knows or refuses by name; any other finds nothing there.
    private static let methods: [HTTPRequest.Method] =
        [.get, .head, .post, .put, .patch, .delete, .options, .trace] + [HTTPRequest.Method("QUERY")].compactMap(\.self)

    /// All routes, with errors as JSON and requests counted.
    func router() -> Router<Context> {
        let router = Router(context: Context.self)
        router.add(middleware: ServingMiddleware(metrics: metrics, accessLog: accessLog))
        router.add(middleware: AdmissionMiddleware(admission: admission, readiness: readiness))
        addHealth(to: router)
        addV1(to: router)
        addV2(to: router)
        addTimeSeries(to: router)
        addMLflow(to: router)
        addPredict(to: router)
        addSeries(to: router)
        addPages(to: router)
        return router
    }

    private func addHealth(to router: Router<Context>) {
        for path in ["/", "/healthz"] {
            add(path, .get, to: router) { _, _ in .json(Array(#"{"status":"alive"}"#.utf8)) }
        }
        add("/metrics", .get, to: router) { _, _ in .metrics(metrics.registry) }
    }

    /// Adds a route, and 405 for all other methods at its path. What can be got can be asked for by HEAD, as load balancers
    /// do; `ServingMiddleware` takes the body off the answer.
    func add(
        _ path: String,
        _ method: HTTPRequest.Method,
        to router: Router<Context>,
        _ handler: @escaping Handler
    ) {
        let answered: [HTTPRequest.Method] = method == .get ? [.get, .head] : [method]
        for each in answered { router.on(RouterPath(path), method: each, use: handler) }
        for other in Self.methods where !answered.contains(other) {
            router.on(RouterPath(path), method: other) { request, _ -> Response in
                throw ServingError.wrongMethod(
                    method: other.rawValue,
                    path: request.uri.path,
                    allowed: answered.map(\.rawValue).joined(separator: ", ")
                )
            }
        }
    }

    /// The version that answers a request, the one place where that is decided: the one that the request names, or what the
    /// split says. Questions about the model are none of the requests that are split and counted.
    ///
    /// - Parameters:
    ///   - name: The name that the body gives; nil for the one in the path, or for the only one that there is.
    /// - Throws: `ServingError.unknownModel`, `unknownVersion`, `notLoaded`.
    func entry(_ request: Request, _ context: Context, name: String? = nil) throws(ServingError) -> ModelShelf.Entry {
        let version = context.parameters.get("version") ?? request.uri.queryParameters["version"].map(String.init)
        let isForecast = request.method == .post
        let entry = try shelf.entry(
            name: name ?? context.parameters.get("model") ?? shelf.name,
            version: version,
            splitBy: isForecast ? request.headers : nil
        )
        if isForecast { context.record.pick(entry) }
        return entry
    }

    func checkReady() throws {
        guard readiness.isReady else { throw ServingError.draining(name: shelf.name) }
    }

    /// An answer of a model, which says what version it is.
    func answer(_ bytes: [UInt8], of entry: ModelShelf.Entry) -> Response {
        var response = Response.json(bytes)
        if let name = Self.versionHeader { response.headers[name] = entry.model.version }
        return response
    }
}
