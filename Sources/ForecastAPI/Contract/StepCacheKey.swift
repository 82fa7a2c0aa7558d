// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import KubeCore

/// What the result of a step depends on: two steps with equal keys would give the same result.
package struct StepCacheKey: Sendable {
    private struct Parts: Encodable {
        var tasks: [StepTask]
        var dataset: DatasetStatus
        var request: JSONValue
        var image: String
    }

    /// The key, 16 hexadecimal digits; nil for a step that looks at the source, whose data may be other data every time.
    ///
    /// It is made from the request less what names the run, what is judged afterwards and how pods are placed, so a
    /// field that a later version adds to requests or specifications counts until somebody decides that it does not.
    /// - Parameters:
    ///   - request: What the worker would be asked.
    ///   - dataset: The prepared data: its digest and the window that it spans.
    ///   - image: The worker's image by its digest, which stands for its code.
    package static func key(of request: StepRequest, dataset: DatasetStatus, image: String) throws -> String? {
        guard !request.tasks.contains(.prepare) else { return nil }
        let encoded = try KubeJSON.encoder().encode(request)
        var value = try KubeJSON.decoder().decode(JSONValue.self, from: encoded)
        for name in identity { value[name] = nil }
        // The gate decides whether a forecast is written, so its verdict has to be the step's own where one may be.
        let mayWrite = request.spec.publish?.forecasts?.isEmpty == false
        for name in notRead where name != "gate" || !mayWrite { value["spec"]?[name] = nil }
        let parts = Parts(tasks: request.tasks, dataset: dataset, request: value, image: image)
        return try StableDigest.hex(of: parts)
    }

    private static let identity = ["run", "version", "createdTime", "scheduledTime", "retention", "incumbent"]
    /// Fields that no step but `prepare` reads, and those that only the operator does.
    private static let notRead = ["source", "dataChecks", "gate", "worker", "steps", "cache"]
}
