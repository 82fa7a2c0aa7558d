// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The body of an answer that says what went wrong, in the words of the protocol that was asked in.
enum ErrorBody {
    /// KServe and the Open Inference Protocol: `{"error": "..."}`.
    case inference
    /// Almanac's own `/predict` and `/series`: the same, with the place in the body where there is one.
    case predict
    /// KServe's time series: `{"error": {"code", "message", "param", "type"}}`.
    case timeSeries
    /// MLflow: `{"error_code", "message"}`.
    case mlflow

    /// The protocol of a path.
    init(path: String) {
        switch path {
        case "/predict", "/series": self = .predict
        case "/invocations", "/ping", "/health", "/version": self = .mlflow
        default: self = path.hasPrefix("/v1/timeseries/") ? .timeSeries : .inference
        }
    }

    /// The bytes for a status code, a message and the place in the body that it is about.
    func encode(status: Int, message: String, field: String? = nil) -> [UInt8] {
        var writer = JSONWriter(numbers: 0)
        switch self {
        case .inference:
            writer.text("{\"error\":")
            writer.string(message)
        case .predict:
            writer.text("{\"error\":")
            writer.string(message)
            if let field {
                writer.text(",\"field\":")
                writer.string(field)
            }
        case .timeSeries:
            writer.text("{\"error\":{\"code\":\"\(status)\",\"message\":")
            writer.string(message)
            writer.text(",\"param\":")
            if let field { writer.string(field) } else { writer.text("null") }
            writer.text(",\"type\":\"\(Self.type(status))\"}")
        case .mlflow:
            writer.text("{\"error_code\":\"\(Self.code(status))\",\"message\":")
            writer.string(message)
        }
        writer.text("}")
        return writer.bytes
    }

    /// The kind of an error in KServe's words.
    private static func type(_ status: Int) -> String {
        switch status {
        case 404: "NotFoundError"
        case 401, 403: "PermissionDeniedError"
        case 429: "RateLimitError"
        case 503, 504: "ServiceUnavailableError"
        case 500...: "InternalServerError"
        default: "BadRequestError"
        }
    }

    /// The code of an error in MLflow's words.
    private static func code(_ status: Int) -> String {
        switch status {
        case 401: "UNAUTHENTICATED"
        case 403: "PERMISSION_DENIED"
        case 404: "RESOURCE_DOES_NOT_EXIST"
        case 429: "REQUEST_LIMIT_EXCEEDED"
        case 503, 504: "TEMPORARILY_UNAVAILABLE"
        case 500...: "INTERNAL_ERROR"
        default: "BAD_REQUEST"
        }
    }
}
