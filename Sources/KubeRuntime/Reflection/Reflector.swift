// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore
import Logging
import PrometheusMetrics
import Synchronization

/// Keeps a `Store` as the API server has the objects.
package final class Reflector<Object: KubeObject>: CacheFeed {
    /// How a reflector works, beside what Kubernetes prescribes.
    package struct Options: Sendable {
        /// How long after a list another one makes sure that no event was missed.
        package var recheckPeriod: Duration
        /// How often all objects are handed over once more without a change, a tenth earlier or later each time.
        package var resyncPeriod: Duration
        /// Changes each object before it is stored, to leave out what nobody reads.
        ///
        /// Managed fields are in no type of ours, and `kubectl apply`'s own copy of the object goes anyway.
        package var prune: @Sendable (inout Object) -> Void

        /// Makes options.
        package init(
            recheckPeriod: Duration = .seconds(36_000),
            resyncPeriod: Duration = .seconds(36_000),
            prune: @escaping @Sendable (inout Object) -> Void = { _ in }
        ) {
            self.recheckPeriod = recheckPeriod
            self.resyncPeriod = resyncPeriod
            self.prune = prune
        }
    }

    /// Where the objects are.
    package let store: Store<Object>
    private let listWatch: ListWatch<Object>
    private let options: Options
    private let environment: RuntimeEnvironment
    private let metrics: ReflectorMetrics
    private let status: Mutex<ReflectorStatus>

    /// How long a state that a watch begins with may stay as it is before it counts as stuck.
    private static var initialPatience: Duration { .seconds(30) }

    /// Makes a reflector that does nothing before `run`.
    package init(
        store: Store<Object>,
        listWatch: ListWatch<Object>,
        options: Options = Options(),
        environment: RuntimeEnvironment,
        metrics: RuntimeMetrics
    ) {
        self.store = store
        self.listWatch = listWatch
        self.options = options
        var environment = environment
        environment.logger[metadataKey: "resource"] = "\(Object.resource)"
        self.environment = environment
        self.metrics = metrics.reflector("\(Object.resource)")
        let now = environment.now()
        status = Mutex(ReflectorStatus(lastContact: now, lastOutcome: now, lastProgress: now))
        metrics.registry.onCollect { [weak self] in
            guard let self else { return }
            self.metrics.lastContact.set(self.silence.inSeconds)
        }
    }

    package var resource: ResourceType { Object.resource }

    package var hasSynced: Bool { store.hasSynced }

    package var silence: Duration { environment.now() - status.withLock { $0.lastContact } }

    package var idleness: Duration { environment.now() - status.withLock { $0.lastOutcome } }

    /// Why the last list or watch failed; nil once something has worked since.
    package var lastFailure: String? { status.withLock { $0.lastFailure } }

    /// Lists and watches until the task is cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.resync() }
            await follow()
            group.cancelAll()
        }
    }

    private func resync() async {
        while !Task.isCancelled {
            let period = options.resyncPeriod * (0.9 + 0.2 * environment.random())
            guard (try? await environment.sleep(environment.now() + period)) != nil else { return }
            store.resync()
        }
    }

    private func follow() async {
        var machine = ReflectorStateMachine(
            streamsState: await listWatch.streamsState(),
            recheckPeriod: options.recheckPeriod
        )
        var pages: [Cached<Object>] = []
        var action = machine.start()
        while !Task.isCancelled {
            switch action {
            case .list(let options, let isFirstPage):
                if isFirstPage {
                    pages = []
                    metrics.lists.increment()
                }
                action = await list(options, into: &pages, &machine)
            case .replace(let version):
                store.replace(with: pages, resourceVersion: version)
                pages = []
                action = machine.replaced(now: environment.now(), random: environment.random())
            case .watch(let options):
                metrics.watches.increment()
                action = await watch(options, &machine)
            case .stream(let options):
                metrics.watches.increment()
                action = await stream(options, &machine)
            case .wait(let delay):
                try? await environment.sleep(environment.now() + delay)
                action = machine.waited(now: environment.now(), random: environment.random())
            }
        }
    }

    private func list(
        _ options: ListOptions,
        into pages: inout [Cached<Object>],
        _ machine: inout ReflectorStateMachine
    ) async -> ReflectorStateMachine.Action {
        do {
            let page = try await listWatch.list(options)
            // Some other answer with status 200 is no empty list: taking it for one would forget all objects.
            guard page.resourceVersion != nil else { throw NotAList() }
            noteContact()
            for skipped in page.skipped { note(skipped) }
            pages += page.items.lazy.map { Cached(self.pruned($0)) }
            return machine.listed(resourceVersion: page.resourceVersion, continueToken: page.continueToken)
        } catch {
            note(error, during: "list")
            return machine.listFailed(.init(error), now: environment.now(), random: environment.random())
        }
    }

    private func watch(
        _ options: ListOptions,
        _ machine: inout ReflectorStateMachine
    ) async -> ReflectorStateMachine.Action {
        do {
            return try await take(listWatch.watch(options), &machine)
        } catch {
            note(error, during: "watch")
            return machine.watchFailed(.init(error), now: environment.now(), random: environment.random())
        }
    }

    /// Takes live events to the end of a watch.
    private func take(
        _ events: AsyncThrowingStream<WatchEvent<Object>, any Error>,
        _ machine: inout ReflectorStateMachine
    ) async throws -> ReflectorStateMachine.Action {
        for try await event in events {
            if case .error(let status) = event {
                note(status.message ?? "the server gave no reason", during: "watch")
                return machine.watchFailed(.init(status), now: environment.now(), random: environment.random())
            }
            noteContact()
            take(event, &machine)
        }
        let now = environment.now()
        if machine.isShort(at: now) {
            metrics.shortWatches.increment()
            noteOutcome()
        } else {
            noteContact()
        }
        return machine.watchEnded(now: now, random: environment.random())
    }

    private func take(_ event: WatchEvent<Object>, _ machine: inout ReflectorStateMachine) {
        switch event {
        case .added(let object):
            store.apply(.added(pruned(object)))
            machine.observed(.added, resourceVersion: object.metadata.resourceVersion)
        case .modified(let object):
            store.apply(.modified(pruned(object)))
            machine.observed(.other, resourceVersion: object.metadata.resourceVersion)
        case .deleted(let object):
            store.apply(.deleted(pruned(object)))
            machine.observed(.other, resourceVersion: object.metadata.resourceVersion)
        case .bookmark(let version, _):
            store.apply(event)
            machine.observed(.other, resourceVersion: version)
        case .skipped(let skipped):
            note(skipped)
            machine.observed(.added, resourceVersion: skipped.resourceVersion)
        case .error: return
        }
    }

    /// Takes over the state that a watch begins with, then its live events.
    private func stream(
        _ options: ListOptions,
        _ machine: inout ReflectorStateMachine
    ) async -> ReflectorStateMachine.Action {
        let begun: (events: AsyncThrowingStream<WatchEvent<Object>, any Error>, version: String)
        do {
            begun = try await beginning(of: options)
        } catch {
            note(error, during: "watch with initial state")
            return machine.streamFailed(.init(error), now: environment.now(), random: environment.random())
        }
        machine.streamed(resourceVersion: begun.version, now: environment.now(), random: environment.random())
        do {
            return try await take(begun.events, &machine)
        } catch {
            note(error, during: "watch")
            return machine.watchFailed(.init(error), now: environment.now(), random: environment.random())
        }
    }

    /// Fills the store from the beginning of a watch and returns what follows; throws where it gets stuck or ends.
    private func beginning(
        of options: ListOptions
    ) async throws -> (events: AsyncThrowingStream<WatchEvent<Object>, any Error>, version: String) {
        noteProgress()
        return try await withThrowingTaskGroup(
            of: (events: AsyncThrowingStream<WatchEvent<Object>, any Error>, version: String).self
        ) { group in
            group.addTask { try await self.fill(from: self.listWatch.watch(options)) }
            group.addTask {
                while true {
                    let deadline = self.status.withLock { $0.lastProgress } + Self.initialPatience
                    guard self.environment.now() < deadline else { throw ReflectorStateMachine.Failure.refused }
                    try await self.environment.sleep(deadline)
                }
            }
            defer { group.cancelAll() }
            guard let begun = try await group.next() else { throw CancellationError() }
            return begun
        }
    }

    private func fill(
        from events: AsyncThrowingStream<WatchEvent<Object>, any Error>
    ) async throws -> (events: AsyncThrowingStream<WatchEvent<Object>, any Error>, version: String) {
        var objects: [ObjectKey: Cached<Object>] = [:]
        for try await event in events {
            noteContact()
            switch event {
            case .added(let object), .modified(let object):
                objects[object.key] = Cached(pruned(object))
                noteProgress()
            case .deleted(let object):
                objects[object.key] = nil
                noteProgress()
            case .bookmark(let version, true):
                store.replace(with: Array(objects.values), resourceVersion: version)
                return (events, version)
            // A server that sends nothing but these never gets there.
            case .bookmark(_, false): continue
            case .skipped(let skipped): note(skipped)
            case .error(let status): throw ReflectorStateMachine.Failure(status)
            }
        }
        throw ReflectorStateMachine.Failure.refused
    }

    private func pruned(_ object: Object) -> Object {
        var object = object
        object.metadata.annotations?["kubectl.kubernetes.io/last-applied-configuration"] = nil
        options.prune(&object)
        return object
    }

    private func noteContact() {
        let now = environment.now()
        status.withLock { status in
            status.lastContact = now
            status.lastOutcome = now
            status.lastFailure = nil
        }
    }

    private func noteProgress() {
        let now = environment.now()
        status.withLock { $0.lastProgress = now }
    }

    private func noteOutcome() {
        let now = environment.now()
        status.withLock { $0.lastOutcome = now }
    }

    private func note(_ skipped: SkippedObject) {
        metrics.skippedObjects.increment()
        environment.logger.warning("\(skipped)")
    }

    private func note(_ error: any Error, during step: String) {
        if Task.isCancelled { return }
        note(String(describing: error), during: step)
    }

    private func note(_ failure: String, during step: String) {
        let now = environment.now()
        status.withLock { status in
            status.lastFailure = failure
            status.lastOutcome = now
        }
        environment.logger.warning("\(step) failed", metadata: ["error": "\(failure)"])
    }
}

/// An answer to a list without a version.
private struct NotAList: Error, CustomStringConvertible {
    var description: String { "the answer is no list: it has no resource version" }
}

/// What a reflector knows of its connection.
struct ReflectorStatus: Sendable {
    /// When the API server last sent something good.
    var lastContact: ContinuousClock.Instant
    /// When a request last had an outcome of any kind, or a watch an event.
    var lastOutcome: ContinuousClock.Instant
    /// When a state that a watch begins with last grew.
    var lastProgress: ContinuousClock.Instant
    var lastFailure: String?
}
