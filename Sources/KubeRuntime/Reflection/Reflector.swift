// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore
import Logging
import PrometheusMetrics
import Synchronization

/// Keeps a `Store` as the API server has the objects.
package final class Reflector<Object: KubeObject>: CacheFeed {
    /// Where the objects are.
    package let store: Store<Object>
    private let listWatch: ListWatch<Object>
    private let environment: RuntimeEnvironment
    private let metrics: ReflectorMetrics
    private let status: Mutex<ReflectorStatus>

    /// Makes a reflector that does nothing before `run`.
    package init(
        store: Store<Object>,
        listWatch: ListWatch<Object>,
        environment: RuntimeEnvironment,
        metrics: RuntimeMetrics
    ) {
        self.store = store
        self.listWatch = listWatch
        var environment = environment
        environment.logger[metadataKey: "resource"] = "\(Object.resource)"
        self.environment = environment
        self.metrics = metrics.reflector("\(Object.resource)")
        status = Mutex(ReflectorStatus(lastContact: environment.now()))
        metrics.registry.onCollect { [weak self] in
            guard let self else { return }
            self.metrics.lastContact.set(self.silence.inSeconds)
        }
    }

    package var resource: ResourceType { Object.resource }

    /// How long the API server has been silent about these objects; with bookmarks it speaks about every minute.
    package var silence: Duration { environment.now() - status.withLock { $0.lastContact } }

    /// Why the last list or watch failed; nil once something has worked since.
    package var lastFailure: String? { status.withLock { $0.lastFailure } }

    /// Lists and watches until the task is cancelled.
    package func run() async {
        var machine = ReflectorStateMachine()
        var pages: [Object] = []
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
            case .wait(let delay):
                try? await environment.sleep(environment.now() + delay)
                action = machine.waited(now: environment.now(), random: environment.random())
            }
        }
    }

    private func list(
        _ options: ListOptions,
        into pages: inout [Object],
        _ machine: inout ReflectorStateMachine
    ) async -> ReflectorStateMachine.Action {
        do {
            let page = try await listWatch.list(options)
            noteContact()
            for skipped in page.skipped { note(skipped) }
            pages += page.items
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
            for try await event in try await listWatch.watch(options) {
                if case .error(let status) = event {
                    note(status.message ?? "the server gave no reason", during: "watch")
                    return machine.watchFailed(.init(status), now: environment.now(), random: environment.random())
                }
                noteContact()
                take(event, &machine)
            }
            let now = environment.now()
            if machine.isShort(at: now) { metrics.shortWatches.increment() } else { noteContact() }
            return machine.watchEnded(now: now, random: environment.random())
        } catch {
            note(error, during: "watch")
            return machine.watchFailed(.init(error), now: environment.now(), random: environment.random())
        }
    }

    private func take(_ event: WatchEvent<Object>, _ machine: inout ReflectorStateMachine) {
        store.apply(event)
        switch event {
        case .added(let object): machine.observed(.added, resourceVersion: object.metadata.resourceVersion)
        case .modified(let object), .deleted(let object):
            machine.observed(.other, resourceVersion: object.metadata.resourceVersion)
        case .bookmark(let version): machine.observed(.other, resourceVersion: version)
        case .skipped(let skipped):
            note(skipped)
            machine.observed(.added, resourceVersion: skipped.resourceVersion)
        case .error: return
        }
    }

    private func noteContact() {
        let now = environment.now()
        status.withLock { $0 = ReflectorStatus(lastContact: now) }
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
        status.withLock { $0.lastFailure = failure }
        environment.logger.warning("\(step) failed", metadata: ["error": "\(failure)"])
    }
}

/// What a reflector knows of its connection.
struct ReflectorStatus: Sendable {
    var lastContact: ContinuousClock.Instant
    var lastFailure: String?
}
