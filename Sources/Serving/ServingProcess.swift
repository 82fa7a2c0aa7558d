// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import Logging
package import WorkerRuntime

/// The process that serves one model, or the versions that a file names: all parts of a server, put together.
package struct ServingProcess: Sendable {
    /// What is served.
    package enum Content: Sendable {
        /// The model at this place of the store, under a name for clients; nil for the pipeline's.
        case model(uri: String, name: String?)
        /// What the file at this path says; it is read again when it changes.
        case configuration(path: String)
    }

    /// What `limits.maxConcurrentRequests` may be at most.
    private static let mostCalls = 1_024

    private let content: Content
    private let place: StorePlace
    private let processors: Int
    /// How clients reach the server and who may ask.
    package var access = ServingAccess()
    /// The address to listen on.
    package var host = "0.0.0.0"
    /// The port for clients; 0 for any that is free.
    package var port = 8_080
    /// The port for kubelet, operator and Prometheus; 0 for any that is free, nil for none.
    package var adminPort: Int?
    /// How long requests are still answered after SIGTERM.
    package var drain = Duration.seconds(5)
    /// Whether a line is written to the standard output for each request.
    package var logsRequests = false

    /// A process that does not run yet.
    ///
    /// - Parameters:
    ///   - content: What is served.
    ///   - place: The store that it lies in.
    ///   - processors: How many processors it may keep busy.
    package init(_ content: Content, from place: StorePlace, processors: Int) {
        (self.content, self.place, self.processors) = (content, place, processors)
    }

    /// Serves; returns after SIGTERM or SIGINT, when the last request in flight is answered.
    ///
    /// - Throws: why nothing is served, or no more: what `StepEnding` knows a reason for.
    package func run() async throws {
        let metrics = ServingMetrics()
        let shelf = ModelShelf()
        let (access, followers) = try self.access.check(logger)
        let admission = Admission(processors: processors, access: access)
        var server = ModelServer(
            shelf: shelf,
            host: host,
            port: port,
            adminPort: adminPort,
            drain: drain,
            admission: admission,
            metrics: metrics,
            logger: logger
        )
        server.followers = followers
        if let (certificate, follower) = self.access.certificate(logger) {
            server.certificate = certificate
            server.followers.append(follower)
        }
        if logsRequests { server.accessLog = .standardOutput }
        switch content {
        case .configuration(let path):
            let memory = ForecastMemory(count: metrics.remembered)
            server.memory = memory
            server.followers.append(recorder(memory, shelf, admission))
            server.followers.append(follower(of: path, shelf, admission, metrics, memory))
        case .model(let uri, let name):
            let loaded = try await loader.load(uri, name: name)
            shelf.serve(loaded)
            metrics.show([loaded])
        }
        try await server.run()
    }

    private var logger: Logger {
        var logger = Logger(label: "almanac-worker")
        logger.logLevel = .warning
        return logger
    }

    private func recorder(_ memory: ForecastMemory, _ shelf: ModelShelf, _ admission: Admission) -> ForecastRecorder {
        ForecastRecorder(
            memory: memory,
            shelf: shelf,
            place: place,
            process: ProcessInfo.processInfo.environment["HOSTNAME"]
                ?? "process-\(ProcessInfo.processInfo.processIdentifier)",
            gate: admission.gate,
            logger: logger
        )
    }

    private func follower(
        of path: String,
        _ shelf: ModelShelf,
        _ admission: Admission,
        _ metrics: ServingMetrics,
        _ memory: ForecastMemory
    ) -> ConfigurationFollower {
        shelf.update { state in
            state.onBatch = metrics.batch
            state.memory = memory
        }
        var follower = ConfigurationFollower(
            path: path,
            shelf: shelf,
            load: { [loader] version, name in
                let start = ContinuousClock.now
                let model = try await loader.load(version.uri, name: name, version: version.version)
                metrics.loaded(model, in: start.duration(to: .now))
                return model
            },
            logger: logger
        )
        follower.onServing = { configuration in
            admission.apply(configuration.limits)
            metrics.show(shelf.models)
        }
        return follower
    }

    private var loader: VersionLoader {
        // Predictors are made as they are needed; how many that is the gate decides, which may change while models stay.
        VersionLoader(place: place, calls: Self.mostCalls)
    }
}
