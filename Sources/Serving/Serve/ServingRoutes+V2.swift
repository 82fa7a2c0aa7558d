// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Hummingbird

/// The Open Inference Protocol v2.
extension ServingRoutes {
    /// How many bytes of a body are JSON, where the tensors stand behind it.
    private static let jsonLengthHeader = HeaderName("Inference-Header-Content-Length")

    func addV2(to router: Router<Context>) {
        add("/v2", .get, to: router) { _, _ in .json(try shelf.stable.info.server) }
        add("/v2/health/live", .get, to: router) { _, _ in .json(Array(#"{"live":true}"#.utf8)) }
        add("/v2/health/ready", .get, to: router) { _, _ in
            .readiness(readiness.isReady && shelf.isServing)
        }
        add("/v2/models", .get, to: router) { _, _ in .json(try shelf.stable.info.list) }
        add("/v2/repository/index", .post, to: router) { _, _ in
            let isReady = readiness.isReady && shelf.isServing
            return .json(ModelInfo.index(name: shelf.name, versions: shelf.versions, isReady: isReady))
        }
        for path in ["/v2/models/{model}", "/v2/models/{model}/versions/{version}"] {
            add(path, .get, to: router) { request, context in
                let entry = try entry(request, context)
                return answer(entry.info.metadata(versions: shelf.versions), of: entry)
            }
            add(path + "/ready", .get, to: router) { request, context in
                let entry = try entry(request, context)
                try checkReady()
                return answer(entry.info.ready, of: entry)
            }
            add(path + "/infer", .post, to: router, infer)
        }
    }

    @Sendable
    private func infer(_ request: Request, _ context: Context) async throws -> Response {
        let entry = try entry(request, context)
        let model = entry.model
        let jsonLength = try Self.jsonLength(request)
        let body = try await RequestBodyReader.read(request, takesBinary: jsonLength != nil)
        let decoded = try model.v2.decode(body, jsonLength: jsonLength)
        let forecasts = try await model.forecast(decoded.history, context.record.admission)
        let answer = try model.v2.encode(forecasts, for: decoded, model: model.name, version: model.version)
        var response = self.answer(answer.bytes, of: entry)
        if let length = answer.jsonLength, let name = Self.jsonLengthHeader {
            response.headers[name] = String(length)
            response.headers[.contentType] = "application/octet-stream"
        }
        return response
    }

    private static func jsonLength(_ request: Request) throws(ServingError) -> Int? {
        guard let name = jsonLengthHeader, let text = request.headers[name] else { return nil }
        guard let length = Int(text), length >= 0 else {
            throw .invalidBody(field: name.rawName, problem: "is '\(text.prefix(40))'; must be a number of bytes")
        }
        return length
    }
}
