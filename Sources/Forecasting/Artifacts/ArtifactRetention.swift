// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a clean-up of a store leaves of one pipeline's versions and runs.
package struct ArtifactRetention: Hashable, Sendable {
    /// The namespace of the pipeline.
    package let namespace: String
    /// The pipeline.
    package let pipeline: String
    /// The version of the run that cleans up. Versions from it on stay: what is newer is not its to judge.
    package let version: String
    /// How many of the versions before that one stay, the newest ones.
    package let keptVersions: Int
    /// Versions that stay whatever their age.
    package let protectedVersions: Set<String>
    /// The run that cleans up.
    package let run: String
    /// When that run was made, as RFC 3339 in UTC; runs made later stay.
    package let runCreated: String
    /// Runs whose files stay.
    package let protectedRuns: Set<String>

    /// A rule; `keptVersions` below 0 counts as 0.
    package init(
        address: ArtifactAddress,
        keptVersions: Int,
        protectedVersions: Set<String>,
        run: String,
        runCreated: String,
        protectedRuns: Set<String>
    ) {
        namespace = address.namespace
        pipeline = address.pipeline
        version = address.version
        self.keptVersions = max(0, keptVersions)
        self.protectedVersions = protectedVersions
        self.run = run
        self.runCreated = runCreated
        self.protectedRuns = protectedRuns
    }

    /// The versions that go, of those that are there.
    func surplus(of versions: [String]) -> [String] {
        let older = versions.filter { $0 < version }.sorted(by: >)
        return older.dropFirst(keptVersions).filter { !protectedVersions.contains($0) }
    }

    /// Whether the files of a run go.
    func isSurplus(_ run: String, _ owner: RunOwner) -> Bool {
        owner.pipeline == pipeline && owner.created < runCreated && run != self.run && !protectedRuns.contains(run)
    }
}

/// Whose files a run's folder holds: `run.json` in it.
package struct RunOwner: Hashable, Codable, Sendable {
    /// The pipeline.
    package let pipeline: String
    /// When the run was made, as RFC 3339 in UTC, so that times sort as texts.
    package let created: String

    /// The file's name.
    package static let fileName = "run.json"

    /// An owner.
    package init(pipeline: String, created: String) {
        self.pipeline = pipeline
        self.created = created
    }
}

/// What a clean-up did.
package struct CleanupReport: Hashable, Sendable {
    /// What is gone, by its path below the root.
    package internal(set) var removed: [String] = []
    /// What is still there although it should not be, and why.
    package internal(set) var failures: [String] = []
}
