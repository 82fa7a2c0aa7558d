// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import KubeCore
import Logging
import PrometheusMetrics
import Synchronization

/// Writes events (events.k8s.io/v1) about objects, for `kubectl describe`, without ever making anybody wait.
///
/// The same event again only raises the count of the first one, which is written at most once a minute. Events are
/// hints: those that the API server refuses, and those beyond 1,000 that wait, are counted and dropped.
package final class EventRecorder: Sendable {
    /// What an event says about the object.
    package enum Level: String, Sendable {
        /// Things go their way.
        case normal = "Normal"
        /// Somebody should look at this.
        case warning = "Warning"
    }

    private struct State {
        var aggregator = EventAggregator()
        var isStopping = false
    }

    private let controller: String
    private let instance: String
    private let environment: RuntimeEnvironment
    private let metrics: EventRecorderMetrics
    private let write: @Sendable (Event) async throws -> Void
    private let state = Mutex(State())
    private let wakeUp = WakeUp()

    /// Makes a recorder that writes nothing before `run`.
    ///
    /// - Parameters:
    ///   - controller: Who reports, for instance `almanac.dev/operator`.
    ///   - instance: Which process reports, for instance the pod's name.
    ///   - environment: Clocks and the log.
    ///   - metrics: Where to count.
    ///   - write: Creates an event or changes the one of that name; server-side apply does both.
    package init(
        controller: String,
        instance: String,
        environment: RuntimeEnvironment,
        metrics: RuntimeMetrics,
        write: @escaping @Sendable (Event) async throws -> Void
    ) {
        self.controller = controller
        self.instance = instance
        self.environment = environment
        self.metrics = metrics.eventRecorder()
        self.write = write
    }

    /// Notes that something happened to an object.
    ///
    /// - Parameters:
    ///   - level: Whether somebody should look at it.
    ///   - object: What it happened to.
    ///   - reason: Why, in CamelCase, at most 128 bytes.
    ///   - action: What was done, in CamelCase; the server wants one.
    ///   - message: A sentence; it is cut at 1,024 bytes.
    package func record<Object: KubeObject>(
        _ level: Level,
        about object: Object,
        reason: String,
        action: String,
        message: String
    ) {
        let (now, date) = (environment.now(), environment.date())
        let event = event(level, object, reason, action, message, date)
        let isTaken = state.withLock { $0.aggregator.record(event, now: now, date: date) }
        guard isTaken else { return metrics.dropped.increment() }
        wakeUp.call()
    }

    /// Lets `run` write what waits and return.
    package func stop() {
        state.withLock { $0.isStopping = true }
        wakeUp.call()
    }

    /// Writes events until `stop`, or until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            let now = environment.now()
            let (due, next, isStopping) = state.withLock { state in
                let due = state.aggregator.takeDue(now: now, all: state.isStopping)
                return (due, state.aggregator.nextDue, state.isStopping)
            }
            for event in due { await send(event) }
            if isStopping { return }
            if due.isEmpty { await wakeUp.wait(until: next, environment) }
        }
    }

    private func send(_ event: Event) async {
        do {
            try await write(event)
            metrics.sent.increment()
        } catch {
            metrics.failed.increment()
            environment.logger.debug("an event was not written", metadata: ["error": "\(error)"])
        }
    }

    private func event<Object: KubeObject>(
        _ level: Level,
        _ object: Object,
        _ reason: String,
        _ action: String,
        _ message: String,
        _ date: Date
    ) -> Event {
        let metadata = object.metadata
        // Events about cluster-scoped objects live in the default namespace, as client-go has it.
        let namespace = metadata.namespace ?? "default"
        let suffix = UUID().uuidString.lowercased().replacing("-", with: "").prefix(16)
        return Event(
            metadata: ObjectMeta(name: "\(metadata.name.prefix(200)).\(suffix)", namespace: namespace),
            eventTime: MicroTime(date),
            reportingController: controller,
            reportingInstance: String(decoding: instance.utf8.prefix(128), as: UTF8.self),
            action: action,
            reason: reason,
            regarding: ObjectReference(
                apiVersion: Object.resource.apiVersion,
                kind: Object.resource.kind,
                namespace: metadata.namespace,
                name: metadata.name,
                uid: metadata.uid,
                resourceVersion: metadata.resourceVersion
            ),
            note: Self.cut(message, toBytes: 1024),
            type: level.rawValue
        )
    }

    /// Cuts between characters, so that no half of one is left.
    static func cut(_ text: String, toBytes limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var cut = ""
        var bytes = 0
        for character in text {
            bytes += character.utf8.count
            if bytes > limit { break }
            cut.append(character)
        }
        return cut
    }
}
