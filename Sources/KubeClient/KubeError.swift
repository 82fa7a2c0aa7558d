// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import HTTPTransport
package import KubeCore

/// Why a request to the Kubernetes API failed.
///
/// No message holds a credential.
package enum KubeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The server refused; `request` is what was asked.
    case status(KubeStatus, request: String, retryAfter: Duration?)
    /// No answer came.
    case transport(HTTPTransportError, request: String)
    /// The answer could not be read; `reason` names the field.
    case undecodable(request: String, reason: String)
    /// The configuration cannot be used; `source` is the file or variable and `field` what is wrong in it.
    case configuration(source: String, field: String, reason: String)
    /// The credentials are accepted and lack these permissions.
    case missingPermissions([Permission])

    package var description: String {
        switch self {
        case .status(let status, let request, _):
            let code = [status.code.map(String.init), status.reason].compactMap { $0 }.joined(separator: " ")
            return "cannot \(request): \(status.message ?? "the server gave no reason")"
                + (code.isEmpty ? "" : " (\(code))")
        case .transport(let error, let request): return "cannot \(request): \(error)"
        case .undecodable(let request, let reason): return "cannot read the answer to \(request): \(reason)"
        case .configuration(let source, let field, let reason): return "\(source): \(field): \(reason)"
        case .missingPermissions(let permissions):
            return "not allowed to \(Permission.list(permissions)); grant this by a Role or ClusterRole and its binding"
        }
    }

    /// The server's status, where it answered with one.
    package var status: KubeStatus? {
        guard case .status(let status, _, _) = self else { return nil }
        return status
    }

    /// How long the server wants to be left alone.
    package var retryAfter: Duration? {
        guard case .status(_, _, let retryAfter) = self else { return nil }
        return retryAfter
    }

    /// There is no such object, or no such resource.
    package var isNotFound: Bool { status?.code == 404 }

    /// An object of that name is there already.
    package var isAlreadyExists: Bool { status?.reason == "AlreadyExists" }

    /// The object has changed meanwhile, or another manager owns a field.
    package var isConflict: Bool { status?.code == 409 && !isAlreadyExists }

    /// Who owns the fields that kept an apply from being done; empty for other errors.
    package var fieldConflicts: [FieldConflict] { status?.fieldConflicts ?? [] }

    /// The version or page is no longer there; list anew.
    package var isGone: Bool { status?.isGone ?? false }

    /// The credentials are not accepted.
    package var isUnauthorized: Bool { status?.code == 401 }

    /// The credentials are accepted and do not allow this.
    package var isForbidden: Bool { status?.code == 403 }

    /// The object is not valid.
    package var isInvalid: Bool { status?.code == 422 }

    /// Whether the same request may succeed later without anybody changing anything.
    package var isRetryable: Bool {
        switch self {
        case .status(let status, _, _):
            guard let code = status.code else { return false }
            return code == 408 || code == 429 || code >= 500
        case .transport(let error, _):
            switch error {
            case .cannotConnect, .timedOut, .connectionLost: return true
            case .invalidURL, .tls, .invalidCredentials, .invalidRequest, .responseTooLarge, .shutDown: return false
            }
        case .undecodable, .configuration, .missingPermissions: return false
        }
    }
}
