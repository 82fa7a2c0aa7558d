// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import HTTPTypes
import Synchronization

/// Who may ask. Of several ways to show it, any one that is accepted lets a request in.
final class AccessCheck: Sendable {
    private static let keyHeader = HTTPField.Name("X-API-Key")

    /// How a client shows who it is, by the names of the OpenAPI document.
    enum Scheme: String, Sendable {
        /// A key in a header of its own.
        case header = "apiKey"
        /// A key or a token in `Authorization`.
        case bearer
    }

    private let keys = Mutex<KeyRing?>(nil)
    /// Tokens that an issuer signs; nil where they are not accepted.
    let tokens: TokenCheck?
    /// Tokens that the cluster knows; nil where they are not accepted.
    let kubernetes: KubernetesCheck?

    /// Lets in who shows such a token; with neither, and no keys, everybody.
    init(tokens: TokenCheck? = nil, kubernetes: KubernetesCheck? = nil) {
        self.tokens = tokens
        self.kubernetes = kubernetes
    }

    /// From now on, these keys are accepted, and requests must show something.
    func accept(_ keys: KeyRing) { self.keys.withLock { $0 = keys } }

    /// Looks at who asks; nil where nobody is asked.
    ///
    /// - Throws: `ServingError.unauthorized`, `tokenRefused`, `notAllowed`, `accessUndecided`.
    func admit(_ headers: HTTPFields) async throws(ServingError) -> Caller? {
        let keys = keys.withLock(\.self)
        guard keys != nil || tokens != nil || kubernetes != nil else { return nil }
        let bearer = headers[.authorization].flatMap(Self.bearer)
        if let keys, let shown = bearer ?? Self.keyHeader.flatMap({ headers[$0] }), let owner = keys.owner(of: shown) {
            return Caller(method: .key, name: owner)
        }
        guard let bearer else { throw .unauthorized }
        var refusal = ServingError.unauthorized
        if let tokens {
            switch await tokens.judge(bearer) {
            case .accepted(let caller): return caller
            case .refused(let error): throw error
            case .notMine(let error): refusal = error
            }
        }
        if let kubernetes { return try await kubernetes.admit(bearer) }
        throw refusal
    }

    /// How clients may show who they are; empty where nobody is asked.
    var schemes: [Scheme] {
        if keys.withLock({ $0 != nil }) { return [.bearer, .header] }
        return tokens == nil && kubernetes == nil ? [] : [.bearer]
    }

    /// What is wrong with finding out who asks.
    var problems: [ServingReport.AccessProblem] { [tokens?.keys.problem, kubernetes?.problem].compactMap(\.self) }

    /// The token of `Bearer <token>`; the scheme's case says nothing.
    private static func bearer(_ value: String) -> String? {
        let scheme = "bearer "
        guard value.prefix(scheme.count).lowercased() == scheme else { return nil }
        return String(value.dropFirst(scheme.count))
    }
}
