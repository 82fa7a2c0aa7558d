// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// Serves models over HTTP until a signal says stop.
struct ModelServer: Sendable {
    /// The loaded models.
    let shelf: ModelShelf
    /// The address to listen on.
    let host: String
    /// The port for clients; 0 for any that is free.
    let port: Int
    /// The port for kubelet, operator and Prometheus; 0 for any that is free, nil for none.
    var adminPort: Int?
    /// How long requests are still answered after SIGTERM.
    let drain: Duration
    /// Which requests are let in.
    let admission: Admission
    /// What clients' connections are secured with; nil for none.
    var certificate: ServingCertificate?
    /// What is measured.
    let metrics: ServingMetrics
    /// What takes forecasts, to be compared with what comes true; nil for nothing.
    var memory: ForecastMemory?
    /// Where a line goes for each request; nil for nowhere.
    var accessLog: AccessLog?
    /// What changes while the server runs: each is a service that ends with it.
    var followers: [any Service] = []
    let logger: Logger

    /// How long requests in flight may take once nothing is accepted any more.
    private static let grace = Duration.seconds(10)

    /// Serves; returns after SIGTERM or SIGINT, when the last request in flight is answered.
    func run() async throws {
        let readiness = Readiness(certificate: certificate)
        let routes = ServingRoutes(
            shelf: shelf,
            readiness: readiness,
            metrics: metrics,
            admission: admission,
            accessLog: accessLog
        )
        metrics.watch(admission.gate)
        let listening = Listening(host: host)
        var services = followers
        if let adminPort {
            let admin = AdminRoutes(
                shelf: shelf,
                readiness: readiness,
                metrics: metrics,
                problems: { [access = admission.access, certificate] in
                    [certificate?.problem(now: .now)].compactMap(\.self) + access.problems
                },
                memory: memory
            )
            services.append(server(admin.router(), adminPort, .http1(), says: "administration on http", listening))
        }
        if let certificate { metrics.watch(certificate) }
        let guarded = HTTPServerBuilder { [admission, certificate] in
            GuardedConnection(admission: admission, certificate: certificate, responder: $0)
        }
        let words = "listening on \(certificate == nil ? "http" : "https")"
        services.append(server(routes.router(), port, guarded, says: words, listening))
        // Services are shut down last to first, each after the one behind it has ended: the report is there to the end, and
        // a store that does not answer a follower holds no request up.
        let draining = DrainService(readiness: readiness, delay: drain)
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) }
                + [.init(service: draining, successTerminationBehavior: .ignore)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = drain + Self.grace
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            let wanted = [adminPort, port].compactMap(\.self)
            guard let missing = wanted.first(where: { !listening.contains($0) }) else { throw error }
            throw ServingError.cannotListen(address: "\(host):\(missing)", reason: "\(error)")
        }
    }

    private func server<Context: RequestContext>(
        _ router: Router<Context>,
        _ port: Int,
        _ connections: HTTPServerBuilder,
        says words: String,
        _ listening: Listening
    ) -> any Service where Context.Source == ApplicationRequestContextSource {
        Application(
            router: router,
            server: connections,
            configuration: .init(
                address: .hostname(host, port: port),
                serverName: nil,
                availableConnectionsDelegate: .maximum(ServingLimits.connections, logger: logger)
            ),
            onServerRunning: { channel in listening.add(port, at: channel.localAddress?.port ?? 0, words) },
            logger: logger
        )
    }
}

/// Which of the wanted ports are listened on, and a line of output for each.
private final class Listening: Sendable {
    private let host: String
    private let ports = Mutex<Set<Int>>([])

    init(host: String) { self.host = host }

    /// Notes that a port, as it was asked for, is listened on at the one that it became.
    func add(_ asked: Int, at actual: Int, _ words: String) {
        let shown = host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host
        let line = "\(words)://\(shown):\(actual)\n"
        ports.withLock { ports in
            ports.insert(asked)
            try? FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
        }
    }

    func contains(_ asked: Int) -> Bool { ports.withLock { $0.contains(asked) } }
}
