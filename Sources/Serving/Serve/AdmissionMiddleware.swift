// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Hummingbird

/// Lets requests in, or says why not, before a route sees them. The body is read here, so that its limit holds for every
/// protocol. Health is asked without a key and has no limit.
struct AdmissionMiddleware: RouterMiddleware {
    typealias Context = ServingContext

    /// A longer body is decoded on the threads that all tasks share: it takes about a millisecond.
    private static let inlineBytes = 256 * 1024

    let admission: Admission
    let readiness: Readiness

    // The protocol was written without `nonisolated(nonsending)` as the default.
    @concurrent
    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if Self.isHealth(request.uri.path) { return try await next(request, context) }
        if let caller = try await admission.access.admit(request.headers) { context.record.caller = caller }
        var admitted = request
        var executor: (any TaskExecutor)?
        if request.method == .post {
            try admission.checkRate()
            let body = try await RequestBodyReader.collect(request, limit: admission.limits.bodyBytes)
            admitted.body = RequestBody(buffer: body)
            if body.readableBytes > Self.inlineBytes { executor = globalConcurrentExecutor }
            context.record.admission = ForecastAdmission(
                gate: admission.gate,
                budget: admission.budget(since: context.record.start)
            )
        }
        var response = try await withTaskExecutorPreference(executor) { [admitted] in
            try await next(admitted, context)
        }
        // Whoever keeps connections open for later requests must not find this one closed in the midst of one.
        if !readiness.isReady { response.headers[.connection] = "close" }
        return response
    }

    /// Whether a path is asked for without showing who asks.
    static func isHealth(_ path: String) -> Bool {
        switch path {
        case "/v2/health/ready", "/v2/health/live", "/healthz", "/", "/ping", "/health": true
        default: false
        }
    }
}
