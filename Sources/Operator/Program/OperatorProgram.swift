// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import Glibc
import HTTPTransport
import KubeClient
import KubeCore
import KubeRuntime
import Logging
import PrometheusMetrics
import ServiceLifecycle
import TimeZones
import UnixSignals

/// Puts the operator together and runs it until it is told to stop.
struct OperatorProgram: Sendable {
    /// The lease's name.
    static let leaseName = "almanac-operator"

    private let configuration: KubeConfiguration
    private let options: OperatorOptions
    private let leaseNamespace: String?
    private let logger: Logger

    /// Makes the program; without a namespace for the lease it takes itself for the only process.
    init(
        configuration: KubeConfiguration,
        options: OperatorOptions,
        leaseNamespace: String?,
        logger: Logger
    ) {
        self.configuration = configuration
        self.options = options
        self.leaseNamespace = leaseNamespace
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT. Throws where it cannot listen, a cache stays empty, or the lease is lost.
    func run(metrics metricsAddress: ListenAddress, health healthAddress: ListenAddress) async throws {
        let registry = MetricsRegistry()
        ProcessMetrics.register(in: registry)
        let checks = HealthChecks()
        let clients = makeClients(RuntimeMetrics(registry: registry))
        try await checkPermissions(clients)
        let versions = await findVersions(clients)
        let host = makeHost(registry: registry, checks: checks, versions: versions, clients: clients)
        let quiet = quietLogger
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: ObservationServer.metrics(registry, at: metricsAddress, logger: quiet)),
                    .init(service: ObservationServer.health(checks, at: healthAddress, logger: quiet)),
                    .init(
                        service: HostService(host: host),
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup
                    ),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: quiet
            )
        )
        logger.notice(
            "starting",
            metadata: [
                "server": "\(configuration.server)", "image": "\(options.workerImage)",
                "zones": "\(options.zones.folder), \(options.zones.version ?? "of unknown version")",
            ]
        )
        try await group.run()
        logger.notice("stopped")
    }

    /// One clear message in place of endless refusals. An API server that cannot be reached yet is waited for later.
    private func checkPermissions(_ clients: RuntimeClients) async throws {
        let needed = OperatorPermissions.needed(in: options.watchNamespace, leaseNamespace: leaseNamespace)
        do {
            try await clients.requests.requirePermissions(needed)
        } catch let error as KubeError {
            guard case .missingPermissions = error else {
                logger.warning("permissions are not checked", metadata: ["error": "\(error)"])
                return
            }
            throw error
        }
    }

    /// What the server has. One that does not answer yet is taken to have the newest; where that is wrong, caches that stay
    /// empty end the process, and the next one asks again.
    private func findVersions(_ clients: RuntimeClients) async -> ServerVersions {
        do {
            return ServerVersions(try await clients.requests.apiGroups())
        } catch {
            logger.warning("the server's versions are not known", metadata: ["error": "\(error)"])
            return ServerVersions()
        }
    }

    /// Makes the caches, controllers, lease and events.
    ///
    /// - Parameters:
    ///   - registry: Where to count.
    ///   - checks: Where health is told.
    ///   - versions: What the server has.
    ///   - clients: The process's clients; nil to make them.
    ///   - readLog: Reads the end of a pod's log; nil to ask the API server.
    ///   - askReport: Gets a serving pod's report; nil to ask the pod.
    func makeHost(
        registry: MetricsRegistry,
        checks: HealthChecks,
        versions: ServerVersions,
        clients: RuntimeClients? = nil,
        readLog: (@Sendable (ObjectKey) async throws -> Data)? = nil,
        askReport: (@Sendable (Pod) async throws -> ServingReport)? = nil
    ) -> ControllerHost {
        let environment = RuntimeEnvironment.live(logger: logger)
        let metrics = RuntimeMetrics(registry: registry)
        let all = clients ?? makeClients(metrics)
        let elector = leaseNamespace.map { makeElector($0, all.leases, environment, metrics) }
        let clients = elector.map { elector in all.writing { elector.leadsUntil } } ?? all
        let client = clients.requests
        let caches = ClusterCaches(
            client: clients.caches,
            namespace: options.watchNamespace,
            versions: versions,
            environment: environment,
            metrics: metrics
        )
        AccuracyMetrics(registry).follow(caches.services, in: registry)
        let events = EventRecorder(
            controller: "almanac.dev/operator",
            instance: ProcessInfo.processInfo.hostName,
            environment: environment,
            metrics: metrics
        ) { event in
            _ = try await client.apply(event, fieldManager: "almanac-operator")
        }
        let executor = PlanExecutor(client: client, events: events, versions: versions) { elector?.isLeading ?? true }
        let controllers = OperatorControllers(
            caches: caches,
            executor: executor,
            options: options,
            environment: environment,
            metrics: metrics,
            readLog: readLog ?? ProgressFollower.read(logClient(of: client, metrics)),
            askReport: askReport ?? ReportClient().ask
        )
        let host = ControllerHost(
            caches: caches.feeds,
            controllers: controllers.all(),
            elector: elector,
            events: events,
            environment: environment,
            // Work that does not heed its cancellation must not go on beside the next leader's.
            onLoss: { _ in exit(EXIT_FAILURE) }
        )
        host.addChecks(to: checks)
        checks.add("caches", to: .readiness) {
            let missing = caches.unsynced
            return missing.isEmpty ? nil : "no list yet of \(missing.joined(separator: ", "))"
        }
        return host
    }

    /// A client that gives up soon: a log is not worth waiting for.
    private func logClient(of client: KubeClient, _ metrics: RuntimeMetrics) -> KubeClient {
        var options = KubeClient.Options(
            userAgent: "almanac-operator/progress",
            timeout: .seconds(3),
            observe: metrics.restClient.observe
        )
        options.retry.maximumRetries = 0
        return client.over(CurlTransport(configuration.transport()), options: options)
    }

    private func makeElector(
        _ namespace: String,
        _ client: KubeClient,
        _ environment: RuntimeEnvironment,
        _ metrics: RuntimeMetrics
    ) -> LeaderElector {
        LeaderElector(
            client: LeaseClient(
                client: client,
                lease: ObjectKey(namespace: namespace, name: Self.leaseName)
            ),
            identity: LeaderElector.makeIdentity(),
            environment: environment,
            metrics: metrics
        )
    }

    /// The clients of this process. They share their credentials, so that a plugin runs once.
    private func makeClients(_ metrics: RuntimeMetrics) -> RuntimeClients {
        RuntimeClients(
            configuration: configuration,
            userAgent: "almanac-operator",
            watchIdleTimeout: .seconds(75),
            metrics: metrics.restClient
        )
    }

    /// The servers say nothing of each request.
    private var quietLogger: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }
}

/// The host among the services: a signal asks it for an orderly end.
private struct HostService: ServiceLifecycle.Service {
    let host: ControllerHost

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await host.run()
        } onGracefulShutdown: {
            host.stop()
        }
    }
}
