// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import HTTPTypes

/// What a process serves, what it is to serve, and how far that is: all decisions about versions, without I/O.
///
/// A configuration is taken up when each of its versions is loaded and has forecast; until then what is served stays. There
/// is one exception: a process that serves nothing yet begins with the stable version when no other one can still come, so
/// that a broken canary never keeps a new pod out of the service.
struct ShelfState: Sendable {
    typealias Version = ServingConfiguration.Version

    /// A configuration that answers requests.
    struct Served: Sendable {
        var configuration: ServingConfiguration
        /// Whether it is what the configuration says, not only the part of it that could be loaded.
        var isWhole: Bool
        var entries: [String: ModelShelf.Entry]
        var stable: ModelShelf.Entry
        var canary: ModelShelf.Entry?
        var stickyHeader: HTTPField.Name?
        var split: TrafficSplit
    }

    /// What became of the tries to load a version.
    private struct Attempts: Sendable {
        var count = 0
        var failure: StepFailure
        /// When to try again; nil for never under this configuration.
        var next: ContinuousClock.Instant?
    }

    /// Pauses between tries.
    static let firstPause = Duration.seconds(1)
    static let longestPause = Duration.seconds(60)

    /// Called with the number of histories that were computed together.
    var onBatch: @Sendable (Int) -> Void = { _ in }
    /// What takes forecasts, where the configuration wants them remembered.
    var memory: ForecastMemory?
    /// What answers requests; nil before anything does.
    private(set) var served: Served?
    private var wanted: ServingConfiguration?
    private var fileProblem: StepFailure?
    private var loaded: [Version: ServedModel] = [:]
    private var attempts: [Version: Attempts] = [:]

    /// The model's name for clients; empty while there is none.
    var name: String { (served?.configuration ?? wanted)?.name ?? "" }

    // MARK: What is wanted

    /// A configuration has come. One of another revision lets versions that failed be tried again.
    mutating func propose(_ configuration: ServingConfiguration) {
        fileProblem = nil
        guard configuration != wanted else { return }
        wanted = configuration
        attempts = [:]
        loaded = loaded.filter { configuration.versions.contains($0.key) }
        settle()
    }

    /// A configuration has come that cannot be understood.
    mutating func refuse(_ failure: StepFailure) { fileProblem = failure }

    /// The version to load now; nil for none.
    func due(at now: ContinuousClock.Instant) -> Version? {
        wanted?.versions.first { version in
            guard model(version) == nil else { return false }
            guard let attempt = attempts[version] else { return true }
            return attempt.next.map { $0 <= now } ?? false
        }
    }

    /// A version is loaded and has forecast.
    mutating func put(_ model: ServedModel, as version: Version) {
        guard let wanted, wanted.versions.contains(version) else { return }
        loaded[version] = model
        attempts[version] = nil
        settle()
    }

    /// A version could not be loaded, or has not forecast.
    mutating func fail(_ version: Version, _ failure: StepFailure, canHeal: Bool, at now: ContinuousClock.Instant) {
        guard let wanted, wanted.versions.contains(version) else { return }
        let count = (attempts[version]?.count ?? 0) + 1
        let pause = min(Self.longestPause, Self.firstPause * (1 << min(count - 1, 10)))
        attempts[version] = Attempts(count: count, failure: failure, next: canHeal ? now + pause : nil)
        settle()
    }

    // MARK: What is served

    /// The version that answers a request; see `ModelShelf.entry`. What is served is looked at where it lies: each request
    /// comes by here, one at a time, and a copy would count references to all its parts.
    mutating func entry(
        name: String,
        version: String?,
        splitBy headers: HTTPFields?
    ) -> Result<ModelShelf.Entry, ServingError> {
        guard let stable = served?.stable else { return .failure(.notLoaded(name: name)) }
        guard name == served?.configuration.name else { return .failure(.unknownModel(name: name)) }
        guard let version else { return .success(headers.flatMap { pick($0) } ?? stable) }
        guard let entry = served?.entries[version] else {
            return .failure(.unknownVersion(name: name, version: version))
        }
        return .success(entry)
    }

    /// The version that answers a request which names none.
    mutating func pick(_ headers: HTTPFields) -> ModelShelf.Entry? {
        guard let canary = served?.canary else { return served?.stable }
        let takesCanary: Bool? =
            if let header = served?.stickyHeader, let value = headers[header] {
                served?.split.takes(value)
            } else {
                served?.split.takesNext()
            }
        return takesCanary == true ? canary : served?.stable
    }

    /// What the process says of itself.
    func report(isReady: Bool) -> ServingReport {
        let shown = wanted ?? served?.configuration
        let versions = (shown?.versions ?? []).map { version in
            var report = ServingReport.Version(
                version: version.version,
                role: shown.map { Self.role(of: version, in: $0) } ?? .other,
                state: model(version) != nil ? .ready : attempts[version] != nil ? .failed : .loading,
                failure: attempts[version]?.failure
            )
            if let traffic = served?.entries[version.version]?.traffic.current { report.traffic = traffic }
            return report
        }
        let revision = served.flatMap { $0.isWhole ? $0.configuration.revision : nil }
        return ServingReport(
            revision: revision ?? "",
            problem: fileProblem ?? versions.lazy.compactMap(\.failure).first,
            isReady: isReady && served != nil,
            versions: versions
        )
    }

    private static func role(of version: Version, in configuration: ServingConfiguration) -> ServingReport.Role {
        if version == configuration.stable { return .stable }
        return version == configuration.canary?.version ? .canary : .other
    }

    private func model(_ version: Version) -> ServedModel? {
        if let model = loaded[version] { return model }
        guard let served, served.configuration.versions.contains(version) else { return nil }
        return served.entries[version.version]?.model
    }

    // MARK: From one to the other

    /// Takes the wanted configuration up if its time has come.
    private mutating func settle() {
        guard let wanted, served?.isWhole != true || served?.configuration != wanted else { return }
        let models = wanted.versions.map { ($0, model($0)) }
        let isWhole = models.allSatisfy { $0.1 != nil }
        let canBegin = served == nil && models.allSatisfy { $0.1 != nil || attempts[$0.0] != nil }
        guard isWhole || canBegin, let stable = model(wanted.stable) else { return }
        // Before a request can meet the new configuration, or its forecast would go by the old rule.
        memory?.follow(wanted.remembering)
        var entries: [String: ModelShelf.Entry] = [:]
        for case (let version, var found?) in models {
            found.name = wanted.name
            found.batcher = wanted.batching.flatMap { $0.maxBatchSize > 1 ? MicroBatcher($0, onBatch: onBatch) : nil }
            // Which version answers who names one is that client's choice, and no part of what a service promises.
            let isShared = version == wanted.stable || version == wanted.canary?.version
            found.memory = isShared && wanted.remembering != nil ? memory : nil
            entries[version.version] = ModelShelf.Entry(found)
        }
        let canary = wanted.canary.flatMap { $0.version == wanted.stable ? nil : entries[$0.version.version] }
        served = Served(
            configuration: wanted,
            isWhole: isWhole,
            entries: entries,
            stable: entries[wanted.stable.version] ?? ModelShelf.Entry(stable),
            canary: canary,
            stickyHeader: wanted.canary?.stickyHeader.flatMap { HTTPField.Name($0) },
            split: TrafficSplit(percent: wanted.canary?.trafficPercent ?? 0)
        )
        if isWhole { loaded = [:] }
    }
}
