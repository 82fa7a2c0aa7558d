// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTypes
import KubeCore

extension ServingConfiguration {
    /// Reads a file's bytes. The version of the format is looked at first, so that a newer file is not called malformed.
    ///
    /// - Parameter path: For messages.
    /// - Throws: `ServingError.unusableConfiguration`.
    init(decoding data: Data, path: String) throws(ServingError) {
        struct Version: Decodable { let schemaVersion: Int }
        guard let version = try? JSONDecoder().decode(Version.self, from: data).schemaVersion else {
            throw .unusableConfiguration(path: path, reason: "it is not a JSON object with a schemaVersion")
        }
        guard version == Self.currentSchemaVersion else {
            throw .unusableConfiguration(
                path: path,
                reason: "it has schemaVersion \(version), this worker knows \(Self.currentSchemaVersion); "
                    + "use the same version of operator and worker"
            )
        }
        do {
            self = try KubeJSON.decoder().decode(Self.self, from: data)
        } catch {
            throw .unusableConfiguration(path: path, reason: "\(error)")
        }
        if let problem { throw .unusableConfiguration(path: path, reason: problem) }
    }

    /// What contradicts itself or is out of bounds, with the field's name; nil for nothing.
    var problem: String? {
        if revision.isEmpty { return "revision: must not be empty" }
        if name.isEmpty { return "name: must not be empty" }
        var places: [String: String] = [:]
        for version in [stable, canary?.version].compactMap(\.self) + (others ?? []) {
            if version.version.isEmpty { return "version: must not be empty, as that at '\(version.uri)' is" }
            if let other = places.updateValue(version.uri, forKey: version.version), other != version.uri {
                return "version '\(version.version)': is said to lie at '\(other)' and at '\(version.uri)'"
            }
        }
        if let canary {
            guard (0...100).contains(canary.trafficPercent) else {
                return "canary.trafficPercent: must be from 0 to 100"
            }
            if let header = canary.stickyHeader, HTTPField.Name(header) == nil {
                return "canary.stickyHeader: '\(header.prefix(100))' cannot be the name of a header"
            }
        }
        if let rate = remembering?.forecastsPerSecond, !(rate > 0 && rate <= 1_000) {
            return "remembering.forecastsPerSecond: must be above 0, and at most 1000"
        }
        return limits?.problem ?? batching?.problem
    }
}

extension ServingLimitsSpec {
    fileprivate var problem: String? {
        func outside<Value: Comparable>(_ value: Value?, _ range: ClosedRange<Value>, _ field: String) -> String? {
            guard let value, !range.contains(value) else { return nil }
            return "limits.\(field): must be from \(range.lowerBound) to \(range.upperBound)"
        }
        if let rate = requestsPerSecond, !(rate > 0 && rate.isFinite) {
            return "limits.requestsPerSecond: must be above 0"
        }
        return outside(maxConcurrentRequests, 1...1_024, "maxConcurrentRequests")
            ?? outside(maxQueuedRequests, 0...100_000, "maxQueuedRequests")
            ?? outside(maxRequestBytes, 1_024...(256 << 20), "maxRequestBytes")
            ?? outside(timeoutSeconds, 0.01...3_600, "timeoutSeconds")
    }
}

extension ServingBatchingSpec {
    fileprivate var problem: String? {
        guard (1...1_024).contains(maxBatchSize) else { return "batching.maxBatchSize: must be from 1 to 1024" }
        guard (0...1_000).contains(maxLatencyMilliseconds ?? 0) else {
            return "batching.maxLatencyMilliseconds: must be from 0 to 1000"
        }
        return nil
    }
}
