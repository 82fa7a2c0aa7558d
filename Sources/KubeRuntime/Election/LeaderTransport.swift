// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import HTTPTransport

/// Sends writes only while this process leads, and no body after its right to lead has run out.
///
/// A process that was stopped and goes on after another one has taken over would otherwise write what it had in mind,
/// also where it was stopped after a look at the clock and before the bytes went out. Nothing can call back a request
/// that is already on its way; server-side apply and deletion by UID bound what such a one does.
package struct LeaderTransport: HTTPTransport {
    private let transport: any HTTPTransport
    private let leadsUntil: @Sendable () -> ContinuousClock.Instant?

    /// Guards a transport; `leadsUntil` is `LeaderElector.leadsUntil`.
    package init(_ transport: any HTTPTransport, leadsUntil: @escaping @Sendable () -> ContinuousClock.Instant?) {
        self.transport = transport
        self.leadsUntil = leadsUntil
    }

    /// Sends a request; throws `RuntimeError.notLeading` where it is a write and this process does not lead.
    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        if request.method == "GET" { return try await transport.send(request) }
        guard let end = leadsUntil() else {
            throw RuntimeError.notLeading(request: "\(request.method) \(request.url)")
        }
        var request = request
        request.notAfter = end
        return try await transport.send(request)
    }

    /// Sends a request whose answer is a stream; those are reads.
    package func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse {
        try await transport.stream(request)
    }

    /// Ends streams, as the transport within does.
    package func renewConnections() { transport.renewConnections() }
}
