// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import KubeClient
package import KubeCore
package import KubeRuntime
package import PrometheusMetrics

/// One process of an operator of built-in kinds, put together as a real one is.
///
/// A config map with the label `role=parent` asks for `children` config maps with its `value`; what is there is written
/// to its annotation, which stands for a status.
package final class FaultOperator: Sendable {
    /// How it runs.
    package struct Options: Sendable {
        /// The periods of its election; nil for none.
        package var election: LeaderStateMachine.Timing?
        /// Whether children get names by chance, so that only the cache tells whether one is there already.
        package var namesByChance = false
        /// How long one try of a request may take.
        package var requestTimeout = Duration.seconds(30)
        /// How long a watch may stay silent.
        package var watchIdleTimeout = Duration.seconds(90)
        /// How long a reconciliation waits for its own writes to come back.
        package var ownWritePatience = Duration.seconds(10)
        /// How long after a list another one makes sure that no event was missed.
        package var recheckPeriod = Duration.seconds(36_000)
        /// How many keys are reconciled at a time.
        package var workers = 4
        /// A wait within each reconciliation.
        package var pause = Duration.zero
        /// How long one reconciliation may take.
        package var reconcileTimeout = Duration.seconds(300)
        /// How long running reconciliations may take after a call to stop.
        package var grace = Duration.milliseconds(500)
        /// The longest wait between the tries of a failing parent.
        package var longestRetryDelay = Duration.seconds(1000)
        /// Whether reconciliations ignore cancellation while they pause.
        package var isStubborn = false

        /// Makes the usual options.
        package init() {}
    }

    /// The name, which every request carries.
    package let name: String
    /// What runs.
    package let host: ControllerHost
    /// Its election, if it has one.
    package let elector: LeaderElector?
    /// The parents.
    package let parents: Store<ConfigMap>
    /// The children.
    package let children: Store<ConfigMap>
    /// All metrics.
    package let registry = MetricsRegistry()
    /// Its checks.
    package let health = HealthChecks()

    /// Makes a process that does nothing before `run`.
    package init(
        _ name: String,
        configuration: KubeConfiguration,
        namespace: String,
        options: Options = Options(),
        environment: RuntimeEnvironment,
        onLoss: @escaping @Sendable (RuntimeError) -> Void = { _ in }
    ) {
        self.name = name
        let metrics = RuntimeMetrics(registry: registry)
        parents = Store()
        children = Store(indices: [.label("parent"), .controllerUID])
        let all = RuntimeClients(
            configuration: configuration,
            userAgent: name,
            timing: options.election ?? LeaderStateMachine.Timing(),
            requestTimeout: options.requestTimeout,
            watchIdleTimeout: options.watchIdleTimeout,
            metrics: metrics.restClient
        )
        let elector = Self.elector(name, all.leases, namespace, options, environment, metrics)
        self.elector = elector
        let clients = elector.map { elector in all.writing { elector.leadsUntil } } ?? all
        func cache(_ store: Store<ConfigMap>, _ selector: String) -> Reflector<ConfigMap> {
            Reflector(
                store: store,
                listWatch: ListWatch(client: clients.caches, namespace: namespace, labelSelector: selector),
                options: .init(recheckPeriod: options.recheckPeriod),
                environment: environment,
                metrics: metrics
            )
        }
        let events = EventRecorder(
            controller: "almanac.dev/faults",
            instance: name,
            environment: environment,
            metrics: metrics
        ) { _ = try await clients.requests.apply($0, fieldManager: "faults") }
        let reconciler = Reconciler(
            client: clients.requests,
            parents: parents,
            children: children,
            events: events,
            options: options
        )
        let controller = Controller(
            name: "parents",
            sources: [.reconciles(parents), .watches(children) { [Reconciler.parentKey(of: $0)] }],
            options: .init(
                workers: options.workers,
                ownWritePatience: options.ownWritePatience,
                reconcileTimeout: options.reconcileTimeout,
                longestRetryDelay: options.longestRetryDelay
            ),
            environment: environment,
            metrics: metrics
        ) { try await reconciler.reconcile($0) }
        host = ControllerHost(
            caches: [cache(parents, "role=parent"), cache(children, "role=child")],
            controllers: [controller],
            elector: elector,
            events: events,
            environment: environment,
            grace: options.grace,
            onLoss: onLoss
        )
        host.addChecks(to: health)
    }

    private static func elector(
        _ name: String,
        _ client: KubeClient,
        _ namespace: String,
        _ options: Options,
        _ environment: RuntimeEnvironment,
        _ metrics: RuntimeMetrics
    ) -> LeaderElector? {
        options.election.map { timing in
            LeaderElector(
                client: LeaseClient(client: client, lease: ObjectKey(namespace: namespace, name: "operator")),
                identity: name,
                timing: timing,
                environment: environment,
                metrics: metrics
            )
        }
    }

    /// Runs until `host.stop`, or until the task is cancelled, as a crash ends it.
    package func run() async throws { try await host.run() }
}
