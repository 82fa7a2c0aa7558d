// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
import Logging

@testable import Serving

/// Routes behind a real server on loopback.
enum LoopbackServer {
    /// Serves for the time of `body`, which gets the server's address.
    static func with<Context: RequestContext, Value: Sendable>(
        _ router: Router<Context>,
        connections: HTTPServerBuilder = .http1(),
        _ body: (_ address: String) async throws -> Value
    ) async throws -> Value where Context.Source == ApplicationRequestContextSource {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router,
            server: connections,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in port.yield(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { port.finish() }
                try await application.run()
            }
            guard let number = await ports.first(where: { _ in true }) else {
                try await group.next()
                throw CancellationError()
            }
            defer { group.cancelAll() }
            return try await body("http://127.0.0.1:\(number)")
        }
    }
}
