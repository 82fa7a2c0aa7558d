// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Names a Secret in the object's own namespace. Pods get its keys as files; the operator never reads it.
package struct SecretReference: Codable, Sendable, Equatable {
    /// The Secret's name.
    package var name: String

    /// Makes a reference.
    package init(name: String) {
        self.name = name
    }
}

extension ForecastPipelineSpec {
    /// The Secrets that a step with these tasks needs, each once, sorted: a pod gets no other.
    package func secretNames(for tasks: [StepTask]) -> [String] {
        var references: [SecretReference?] = [store?.s3?.secretRef]
        if tasks.contains(.prepare) || tasks.contains(.monitor) { references += source.secretRefs }
        if tasks.contains(.publish) { references += publish?.secretRefs ?? [] }
        return Set(references.compactMap { $0?.name }).sorted()
    }
}
