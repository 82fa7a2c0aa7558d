// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTransport
import KubeCore

/// What becomes of a write whose answer did not come: it may have been carried out, so the object itself is asked.
extension KubeClient {
    /// Sends a write; where its outcome stays open, what is stored counts.
    ///
    /// What the request asks for has to be in the object then. Throws the write's own error where it is not there.
    func settled<Object: KubeObject>(_ request: KubeRequest, _ key: ObjectKey) async throws -> Object {
        var mayHaveArrived = false
        do {
            return try decode(try await send(request, noting: &mayHaveArrived), as: Object.self, of: request)
        } catch let error as KubeError where mayHaveArrived && (error.leavesOutcomeOpen || error.isRefusedRepeat) {
            guard let wanted = Self.wanted(request), let body = try? await stored(Object.self, key),
                let found = try? JSONDecoder().decode(JSONValue.self, from: body), found.holds(wanted)
            else { throw error }
            return try decode(body, as: Object.self, of: request)
        }
    }

    /// Deletes; where the outcome stays open, an object that is gone or going counts as deleted.
    func settledDelete<Object: KubeObject>(
        _ type: Object.Type,
        _ request: KubeRequest,
        _ key: ObjectKey,
        uid: String?
    ) async throws {
        var mayHaveArrived = false
        do {
            _ = try await send(request, noting: &mayHaveArrived)
        } catch let error as KubeError where error.isNotFound && mayHaveArrived {
            // An earlier try has done it.
        } catch let error as KubeError where error.leavesOutcomeOpen {
            do {
                let body = try await stored(type, key)
                let found = try decode(body, as: Object.self, of: request).metadata
                let isAnother = uid != nil && found.uid != uid
                if found.deletionTimestamp == nil && !isAnother { throw error }
            } catch let lookUp as KubeError {
                guard lookUp.isNotFound else { throw error }
            }
        }
    }

    /// What a request's body asks for, without what the server changes with every write.
    static func wanted(_ request: KubeRequest) -> JSONValue? {
        guard let body = request.body, var value = try? JSONDecoder().decode(JSONValue.self, from: body) else {
            return nil
        }
        for field in ["resourceVersion", "generation", "creationTimestamp"] { value["metadata"]?[field] = nil }
        return value
    }

    /// The object as it is stored, asked for with little patience: the connection has just failed, and a caller with a
    /// deadline, as for a lease, wants time left for another try.
    private func stored<Object: KubeObject>(_ type: Object.Type, _ key: ObjectKey) async throws -> Data {
        var client = self
        client.options.timeout = options.timeout / 4
        client.options.retry.maximumRetries = min(options.retry.maximumRetries, 3)
        return try await client.send(.get(Object.resource, namespace: key.namespace, name: key.name))
    }
}

extension KubeError {
    /// Whether a write may have been carried out although it failed for us.
    var leavesOutcomeOpen: Bool {
        switch self {
        case .status(let status, _, _): (status.code ?? 0) >= 500
        case .transport(.connectionLost, _), .transport(.timedOut, _): true
        case .transport, .undecodable, .configuration, .missingPermissions: false
        }
    }

    /// What a write is told whose first try has been carried out: the name is taken, or the version has moved on.
    fileprivate var isRefusedRepeat: Bool { status?.code == 409 }
}
