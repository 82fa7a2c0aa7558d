// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore

/// A recurring forecast: where its data comes from, what is trained on it, and when the result is good enough to serve.
package struct ForecastPipeline: StatusObject {
    package static let resource = ResourceType(
        group: Naming.group,
        version: Naming.version,
        kind: "ForecastPipeline",
        plural: "forecastpipelines"
    )

    package var apiVersion: String? = Self.resource.apiVersion
    package var kind: String? = Self.resource.kind
    package var metadata: ObjectMeta
    /// What the user asks for.
    package var spec: ForecastPipelineSpec
    /// What the operator found; nil until it has looked.
    package var status: ForecastPipelineStatus?

    /// Makes a pipeline.
    package init(metadata: ObjectMeta, spec: ForecastPipelineSpec, status: ForecastPipelineStatus? = nil) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}
