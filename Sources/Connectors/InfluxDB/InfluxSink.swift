// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import HTTPTransport

/// Writes points to InfluxDB.
///
/// A point with the same measurement, tags and time as an older one takes its place, so the same points may be written
/// again and again.
package struct InfluxSink: Sendable {
    /// Where in the server points go.
    package enum Target: Sendable, Equatable {
        /// InfluxDB 1, and its successors' compatible interface.
        case database(String, retentionPolicy: String?)
        /// InfluxDB 2.
        case bucket(String, organization: String)
    }

    /// Points a request; InfluxData recommends 5,000.
    package static let batchSize = 5_000
    /// How long the server may stay silent.
    package static let idleTimeout = Duration.seconds(30)

    private let server: ServerAddress
    private let target: Target
    private let transport: any HTTPTransport
    private let pauses: [Duration]
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Prepares writes.
    ///
    /// - Parameters:
    ///   - pauses: How long each repetition of a request waits that may help; as many are made.
    ///   - sleep: Waits.
    package init(
        server: ServerAddress,
        target: Target,
        transport: any HTTPTransport,
        pauses: [Duration],
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.server = server
        self.target = target
        self.transport = transport
        self.pauses = pauses
        self.sleep = sleep
    }

    /// Writes all points, in packed batches of ``batchSize``, one after the other.
    ///
    /// Throws `ConnectorError`: `writeRefused` with the server's words, also where it took some points of a batch but
    /// not all; `credentialsRejected`; `sinkUnreachable` where no repetition helped; `cancelled`. Earlier batches stay.
    package func write(_ points: some Collection<LinePoint>) async throws(ConnectorError) {
        let thread = BlockingThread(label: "almanac.sink")
        var rest = points[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(Self.batchSize))
            rest = rest.dropFirst(Self.batchSize)
            let url = server.shown
            try await send(try await thread.run { () throws(ConnectorError) in try Self.packed(batch, for: url) })
        }
    }

    /// The body of one request: line protocol, packed with gzip.
    ///
    /// - Parameter url: The server's, for messages.
    /// - Throws: `ConnectorError.writeRefused` for a point that cannot be written.
    package static func packed(_ batch: [LinePoint], for url: String) throws(ConnectorError) -> [UInt8] {
        var writer = LineProtocolWriter()
        for point in batch { try writer.append(point, url: url) }
        return try GzipDeflater.packed(writer.bytes)
    }

    private func send(_ packed: [UInt8]) async throws(ConnectorError) {
        var waits = pauses[...]
        while true {
            do throws(ConnectorError) {
                return try await sendOnce(packed)
            } catch {
                guard case .sinkUnreachable = error, let wait = waits.popFirst() else { throw error }
                do { try await sleep(wait) } catch { throw .cancelled }
            }
        }
    }

    private func sendOnce(_ packed: [UInt8]) async throws(ConnectorError) {
        let (path, query) = place
        let request = server.request(
            "POST",
            path,
            query: query,
            headers: [
                HTTPHeader("Content-Type", "text/plain; charset=utf-8"), HTTPHeader("Content-Encoding", "gzip"),
            ],
            body: Data(packed),
            idleTimeout: Self.idleTimeout
        )
        let shown = server.shown + path
        let response: HTTPResponse
        do {
            response = try await transport.send(request)
        } catch {
            throw ConnectorError(error, url: shown, field: "url").ofSink
        }
        guard response.status == 204 else {
            throw InfluxRefusal.write(status: response.status, body: Array(response.body), url: shown)
        }
    }

    private var place: (path: String, query: [(String, String)]) {
        switch target {
        case .database(let name, let retentionPolicy):
            let policy = retentionPolicy.map { [("rp", $0)] } ?? []
            return ("/write", [("db", name)] + policy + [("precision", "s")])
        case .bucket(let name, let organization):
            return ("/api/v2/write", [("org", organization), ("bucket", name), ("precision", "s")])
        }
    }
}
