// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import ForecastAPI
import Foundation
package import HTTPTransport

/// The Secrets that a specification names, as files: a folder for each, a file for each key.
package struct Secrets: Sendable {
    /// The folder of all; nil where none was given.
    let path: String?
    /// Where the Secrets are in the cluster, for messages.
    let namespace: String

    /// The Secrets of a request.
    package init(_ request: StepRequest) { self.init(path: request.secretsPath, namespace: request.namespace) }

    /// Secrets in a folder.
    package init(path: String?, namespace: String) {
        self.path = path
        self.namespace = namespace
    }

    /// The value of a key that has to be there, without the line break that editors leave at its end.
    ///
    /// - Parameter field: The reference's field, for the message.
    /// - Throws: `WorkerRuntimeError.secretNotFound`.
    package func value(_ reference: SecretReference, key: String, field: String) throws(WorkerRuntimeError) -> String {
        guard let value = try optionalValue(reference, key: key, field: field) else {
            throw missing(reference, [key], field)
        }
        return value
    }

    /// The values of keys that all have to be there, in their order.
    ///
    /// - Throws: `WorkerRuntimeError.secretNotFound` with all keys that are missing, and a command that makes all.
    package func values(_ reference: SecretReference, keys: [String], field: String) throws(WorkerRuntimeError)
        -> [String]
    {
        var found: [String] = []
        var absent: [String] = []
        for key in keys {
            // Without any Secrets all are absent, and the first one would throw.
            let value = path == nil ? nil : try optionalValue(reference, key: key, field: field)
            if let value { found.append(value) } else { absent.append(key) }
        }
        guard absent.isEmpty else { throw missing(reference, absent, of: keys, field) }
        return found
    }

    /// The value of a key; nil when the Secret does not have it.
    /// - Throws: `WorkerRuntimeError.secretNotFound` when no Secrets were given at all, or the value is not text.
    package func optionalValue(_ reference: SecretReference, key: String, field: String) throws(WorkerRuntimeError)
        -> String?
    {
        guard let path else { throw missing(reference, [key], field) }
        guard let data = FileManager.default.contents(atPath: "\(path)/\(reference.name)/\(key)") else { return nil }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw .secretNotFound(field: field, problem: "key '\(key)' of Secret '\(reference.name)' is not text")
        }
        return text.last?.isNewline == true ? String(text.dropLast()) : text
    }

    /// The `Authorization` that an HTTP server is shown: `token` as a bearer, else `username` and `password`.
    ///
    /// - Parameter scheme: What stands before the token, where it is not a bearer's.
    /// - Throws: `WorkerRuntimeError.secretNotFound` when the Secret has neither and no `ca.crt` either.
    package func authorization(
        _ reference: SecretReference,
        field: String,
        scheme: String = "Bearer"
    ) throws(WorkerRuntimeError) -> [HTTPHeader] {
        if let token = try optionalValue(reference, key: "token", field: field) {
            return [HTTPHeader("Authorization", "\(scheme) \(token)")]
        }
        if let user = try optionalValue(reference, key: "username", field: field) {
            let password = try value(reference, key: "password", field: field)
            let credentials = Data("\(user):\(password)".utf8).base64EncodedString()
            return [HTTPHeader("Authorization", "Basic \(credentials)")]
        }
        guard try authorities(reference, field: field) == nil else { return [] }
        throw missing(reference, ["username", "password"], field)
    }

    /// The authorities that a server's certificate may be of, in PEM: `ca.crt`; nil when the Secret does not have it.
    /// - Throws: `WorkerRuntimeError.secretNotFound` when no Secrets were given at all.
    package func authorities(_ reference: SecretReference, field: String) throws(WorkerRuntimeError) -> CurlTransport
        .PEM?
    {
        try optionalValue(reference, key: "ca.crt", field: field).map { .data(Data($0.utf8)) }
    }

    /// - Parameter wanted: All keys that the Secret should have, where more are asked for than are missing.
    private func missing(
        _ reference: SecretReference,
        _ keys: [String],
        of wanted: [String]? = nil,
        _ field: String
    ) -> WorkerRuntimeError {
        let wanted = wanted ?? keys
        let literals = wanted.map { "--from-literal=\($0)=…" }.joined(separator: " ")
        let named = keys.map { "'\($0)'" }.joined(separator: " and ")
        let files = wanted.map { "\(reference.name)/\($0)" }.joined(separator: " and ")
        let advice =
            path == nil
            ? "give a folder that holds \(files) with --secrets"
            : "kubectl create secret generic \(reference.name) -n \(namespace) \(literals)"
        return .secretNotFound(field: field, problem: "Secret '\(reference.name)' has no \(named): \(advice)")
    }
}
