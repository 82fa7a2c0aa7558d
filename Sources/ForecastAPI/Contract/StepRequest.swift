// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import KubeCore

/// What a worker is asked to do in one step. It is mounted into the pod as a JSON file.
package struct StepRequest: Codable, Sendable, Equatable {
    /// The version of this contract.
    package static let currentSchemaVersion = 1

    /// The version of the contract that the request was written in.
    package var schemaVersion: Int
    /// Namespace of the run.
    package var namespace: String
    /// Name of the pipeline.
    package var pipeline: String
    /// Name of the run.
    package var run: String
    /// The version that the run's model gets.
    package var version: String
    /// Name of the step in the plan.
    package var step: String
    /// What to do, in order.
    package var tasks: [StepTask]
    /// The pipeline's specification as it was when the run was started, with defaults.
    package var spec: ForecastPipelineSpec
    /// Folder of the store, as the worker sees it.
    package var storePath: String
    /// Folder that a relative `source.csv.path` starts from, as the worker sees it.
    package var sourcePath: String
    /// Folder with a folder for each claim that forecasts are written into, as the worker sees it; where there are no
    /// claims, the one that a relative `path` of such a place starts from; nil where the step writes none.
    package var sinksPath: String?
    /// Folder with a folder for each Secret and a file for each of its keys, as the worker sees it; nil where the
    /// step needs none, or none was given.
    package var secretsPath: String?
    /// When the run was created.
    package var createdTime: Date
    /// The instant that a schedule started the run for; nil where something else did.
    package var scheduledTime: Date?
    /// What stays in the store when the step has done its tasks; nil to remove nothing.
    package var retention: RetentionRequest?
    /// The promoted version, for `evaluate`; nil where there is none.
    package var incumbent: IncumbentReference?
    /// What is compared, for `monitor`; nil in every other step.
    package var monitor: MonitorRequest?
    /// A safetensors file with the weights of a model that was trained elsewhere, for `train`, as the worker sees it;
    /// nil to train.
    package var importedWeights: String?

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - secretsPath: Where Secrets are; only kept where the step needs some.
    ///   - incumbent: The promoted version; only a step that evaluates is told of it.
    package init(
        run: RunIdentity,
        step: PlannedStep,
        spec: ForecastPipelineSpec,
        storePath: String,
        sourcePath: String,
        secretsPath: String? = nil,
        incumbent: ModelStatus? = nil
    ) {
        schemaVersion = Self.currentSchemaVersion
        namespace = run.namespace
        pipeline = run.pipeline
        self.run = run.name
        version = run.version
        self.step = step.name
        tasks = step.tasks
        self.spec = spec.template.withDefaults()
        self.storePath = storePath
        self.sourcePath = sourcePath
        self.secretsPath = spec.secretNames(for: step.tasks).isEmpty ? nil : secretsPath
        createdTime = run.createdTime
        scheduledTime = run.scheduledTime
        guard step.tasks.contains(.evaluate) else { return }
        self.incumbent = incumbent.map { IncumbentReference(version: $0.version, uri: $0.uri, digest: $0.digest) }
    }
}

/// The version that a run's model is compared with.
package struct IncumbentReference: Codable, Sendable, Equatable {
    /// The version.
    package var version: String
    /// Where the artifact lies, relative to the store.
    package var uri: String
    /// SHA-256 of the artifact's manifest.
    package var digest: String

    /// Makes a reference.
    package init(version: String, uri: String, digest: String) {
        self.version = version
        self.uri = uri
        self.digest = digest
    }
}

/// What stays in the store; the rest of the pipeline's versions and run files is removed.
package struct RetentionRequest: Codable, Sendable, Equatable {
    /// How many of the versions before that of the request stay, the newest ones.
    package var keepVersions: Int
    /// Versions that stay whatever their age.
    package var versions: [String]
    /// Runs whose files stay.
    package var runs: [String]
    /// Services of the run's namespace whose remembered forecasts stay; nil to remove none.
    package var services: [String]?

    /// Makes a request; lists are sorted, so that equal ones are equal bytes.
    package init(
        keepVersions: Int,
        versions: some Sequence<String>,
        runs: some Sequence<String>,
        services: [String]? = nil
    ) {
        self.keepVersions = keepVersions
        self.versions = Set(versions).sorted()
        self.runs = Set(runs).sorted()
        self.services = services?.sorted()
    }
}

/// What names a run and the version that it makes.
package struct RunIdentity: Sendable, Equatable {
    /// Namespace of the run.
    package var namespace: String
    /// Name of the pipeline.
    package var pipeline: String
    /// Name of the run.
    package var name: String
    /// When the run was created.
    package var createdTime: Date
    /// The instant that a schedule started the run for; nil where something else did.
    package var scheduledTime: Date?
    /// Whether a person made it from another run.
    package var isClone: Bool

    /// Makes an identity.
    package init(
        namespace: String,
        pipeline: String,
        name: String,
        createdTime: Date,
        scheduledTime: Date? = nil,
        isClone: Bool = false
    ) {
        self.namespace = namespace
        self.pipeline = pipeline
        self.name = name
        self.createdTime = createdTime
        self.scheduledTime = scheduledTime
        self.isClone = isClone
    }

    /// The identity of a run on a cluster.
    package init(_ run: ForecastRun) {
        self.init(
            namespace: run.metadata.namespace ?? "default",
            pipeline: run.spec.pipelineRef.name,
            name: run.metadata.name,
            createdTime: run.metadata.creationTimestamp ?? Date(timeIntervalSince1970: 0),
            scheduledTime: run.spec.scheduledTime,
            isClone: run.isClone
        )
    }

    /// The version of the run's model: the run's creation in UTC as `yyyyMMdd-HHmmss`, so that versions sort by age.
    ///
    /// Many clones can be made in one second, so theirs end with digits that follow from the name.
    package var version: String { isClone ? "\(second)-\(StableDigest.hex(name, digits: 6))" : second }

    private var second: String {
        let digits = KubeTime.format(createdTime).filter(\.isNumber)
        return "\(digits.prefix(8))-\(digits.dropFirst(8))"
    }
}
