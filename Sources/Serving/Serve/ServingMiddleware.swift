// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Hummingbird
import Logging
import PrometheusMetrics

/// Counts and times every request, and answers every error in the words of its protocol.
struct ServingMiddleware: RouterMiddleware {
    typealias Context = ServingContext

    private static let challenge = #"Bearer realm="almanac""#

    let metrics: ServingMetrics
    /// Where a line goes for each request; nil for nowhere.
    var accessLog: AccessLog?

    // The protocol was written without `nonisolated(nonsending)` as the default.
    @concurrent
    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        metrics.begin()
        let identifier = accessLog.map { _ in AccessLog.identifier(of: request.headers) }
        var response: Response
        do {
            response = try await next(request, context)
        } catch is CancellationError {
            count(request, context, identifier, code: 499)
            throw CancellationError()
        } catch {
            response = Self.response(for: error, path: request.uri.path, logger: context.logger)
        }
        // Also from one that says what is wrong: bytes that a client does not expect would begin its next answer.
        if request.method == .head { response = response.createHeadResponse() }
        if let identifier { AccessLog.mark(&response, identifier) }
        count(request, context, identifier, code: response.status.code)
        return response
    }

    private func count(_ request: Request, _ context: Context, _ identifier: String?, code: Int) {
        let duration = context.record.start.duration(to: .now)
        let wire = ServingMetrics.WireProtocol(path: request.uri.path)
        var labels = ServingMetrics.Labels(wire: wire, code: code)
        if let entry = context.record.entry {
            labels.model = entry.model.name
            labels.version = entry.model.version
            entry.traffic.count(code: code, seconds: duration.inSeconds)
        }
        metrics.end(labels, after: duration)
        guard let identifier else { return }
        let line = AccessLog.Entry(
            identifier: identifier,
            caller: context.record.caller,
            labels: labels,
            duration: duration
        )
        accessLog?.note(request, line)
    }

    /// The answer to a request that failed.
    static func response(for error: any Error, path: String, logger: Logger) -> Response {
        func answer(_ status: HTTPResponse.Status, _ message: String, field: String? = nil) -> Response {
            .json(ErrorBody(path: path).encode(status: status.code, message: message, field: field), status: status)
        }
        switch error {
        case let error as ServingError:
            var response = answer(error.status, error.description, field: error.field)
            switch error {
            case .wrongMethod(_, _, let allowed): response.headers[.allow] = allowed
            case .tooManyRequests(_, let seconds): response.headers[.retryAfter] = String(seconds)
            // The rest of the body is not read.
            case .bodyTooLarge: response.headers[.connection] = "close"
            case .queueFull, .notLoaded, .accessUndecided: response.headers[.retryAfter] = "1"
            case .unauthorized: response.headers[.wwwAuthenticate] = Self.challenge
            case .tokenRefused(let error):
                // As RFC 6750 (section 3) has it. The descriptions are texts of ours without quotes.
                let details = #", error="invalid_token", error_description="\#(error)""#
                response.headers[.wwwAuthenticate] = Self.challenge + details
            default: break
            }
            return response
        case ForecastingError.invalidHistory(let reason):
            return answer(.badRequest, "the history is not valid: \(reason)")
        case let error as HTTPError where error.status == .notFound:
            return answer(.notFound, ServingError.unknownPath(path).description)
        case let error as HTTPError:
            return answer(error.status, error.body ?? error.status.reasonPhrase)
        default:
            logger.error("request failed", metadata: ["path": "\(path)", "error": "\(error)"])
            return answer(.internalServerError, "the server could not answer; its log says why")
        }
    }
}

extension ServingError {
    /// The status code of an answer that says this, as KServe has them.
    var status: HTTPResponse.Status {
        switch self {
        // The history was so far from what the model knows that no number came out.
        case .invalidBody, .bodyBroken, .forecastNotFinite: .badRequest
        case .unknownModel, .unknownVersion, .unknownPath: .notFound
        case .wrongMethod: .methodNotAllowed
        case .bodyTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .draining, .notLoaded, .queueFull, .accessUndecided: .serviceUnavailable
        case .tooManyRequests: .tooManyRequests
        case .timedOut: .gatewayTimeout
        case .unauthorized, .tokenRefused: .unauthorized
        case .notAllowed: .forbidden
        case .invalidAccess, .unusableConfiguration, .unusableKeys, .cannotListen, .unusableCertificate, .noCertificate,
            .unusableTokenKeys, .reviewUnavailable, .reviewRefused, .stopped:
            .internalServerError
        }
    }
}

extension ServingError {
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
