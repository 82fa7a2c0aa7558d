// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Hummingbird
import Logging

/// Counts and times every request, and answers every error in the words of its protocol.
struct ServingMiddleware<Context: RequestContext>: RouterMiddleware {
    let metrics: ServingMetrics

    // The protocol was written without `nonisolated(nonsending)` as the default.
    @concurrent
    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let wire = ServingMetrics.WireProtocol(path: request.uri.path)
        let start = ContinuousClock.now
        metrics.begin()
        do {
            let response = try await next(request, context)
            metrics.end(wire, code: response.status.code, after: start.duration(to: .now))
            return response
        } catch is CancellationError {
            metrics.end(wire, code: 499, after: start.duration(to: .now))
            throw CancellationError()
        } catch {
            let response = Self.response(for: error, path: request.uri.path, logger: context.logger)
            metrics.end(wire, code: response.status.code, after: start.duration(to: .now))
            return response
        }
    }

    /// The answer to a request that failed.
    static func response(for error: any Error, path: String, logger: Logger) -> Response {
        func answer(_ status: HTTPResponse.Status, _ message: String, field: String? = nil) -> Response {
            .json(ErrorBody(path: path).encode(status: status.code, message: message, field: field), status: status)
        }
        switch error {
        case let error as WorkerError:
            var response = answer(error.status, error.description, field: error.field)
            if case .wrongMethod(_, _, let allowed) = error { response.headers[.allow] = allowed }
            return response
        case ForecastingError.invalidHistory(let reason):
            return answer(.badRequest, "the history is not valid: \(reason)")
        case let error as HTTPError where error.status == .notFound:
            return answer(.notFound, WorkerError.unknownPath(path).description)
        case let error as HTTPError:
            return answer(error.status, error.body ?? error.status.reasonPhrase)
        default:
            logger.error("request failed", metadata: ["path": "\(path)", "error": "\(error)"])
            return answer(.internalServerError, "the server could not answer; its log says why")
        }
    }
}

extension WorkerError {
    /// The status code of an answer that says this, as KServe has them.
    var status: HTTPResponse.Status {
        switch self {
        // The history was so far from what the model knows that no number came out.
        case .invalidBody, .bodyBroken, .forecastNotFinite: .badRequest
        case .unknownModel, .unknownVersion, .unknownPath: .notFound
        case .wrongMethod: .methodNotAllowed
        case .bodyTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .draining: .serviceUnavailable
        case .unusableRequest, .unknownSchema, .invalidSpec, .secretNotFound, .unreadableWeights, .dataRefused,
            .stopped, .invalidModelPath, .cannotListen:
            .internalServerError
        }
    }
}

extension WorkerError {
    /// The place in the request's body that is not as it must be.
    var field: String? {
        guard case .invalidBody(let field, _) = self else { return nil }
        return field
    }
}

extension Response {
    /// An answer of JSON.
    static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    /// An answer of text.
    static func plain(_ text: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
