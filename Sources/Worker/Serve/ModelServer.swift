// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Serves one model over HTTP until a signal says stop.
struct ModelServer: Sendable {
    /// The loaded models.
    let shelf: ModelShelf
    /// The address to listen on.
    let host: String
    /// The port; 0 for any that is free.
    let port: Int
    /// How long requests are still answered after SIGTERM.
    let drain: Duration
    let logger: Logger

    /// A connection without a byte for so long is closed: slow or silent clients keep nothing.
    private static let idleTimeout = Duration.seconds(60)
    /// How long requests in flight may take once nothing is accepted any more.
    private static let grace = Duration.seconds(10)

    /// Serves; returns after SIGTERM or SIGINT, when the last request in flight is answered.
    func run() async throws {
        let readiness = Readiness()
        let routes = ServingRoutes(
            shelf: shelf,
            readiness: readiness,
            metrics: ServingMetrics(model: shelf.stable.model)
        )
        let (host, logger) = (host, logger)
        let isListening = Atomic(false)
        let application = Application(
            router: routes.router(),
            server: .http1(configuration: .init(idleTimeout: .nanoseconds(Self.idleTimeout.nanoseconds))),
            configuration: .init(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in
                isListening.store(true, ordering: .relaxed)
                let shown = host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host
                let line = "listening on http://\(shown):\(channel.localAddress?.port ?? 0)\n"
                try? FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
            },
            logger: logger
        )
        // Services are shut down last to first, each after the one behind it has ended.
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: application),
                .init(service: DrainService(readiness: readiness, delay: drain), successTerminationBehavior: .ignore),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = drain + Self.grace
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            guard !isListening.load(ordering: .relaxed) else { throw error }
            throw WorkerError.cannotListen(address: "\(host):\(port)", reason: "\(error)")
        }
    }
}

extension Duration {
    /// The duration in whole nanoseconds.
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
