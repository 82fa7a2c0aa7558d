// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import HTTPTransport

/// Sends writes only while this process leads, and looks at the very moment of sending.
///
/// A process that was stopped and goes on after another one has taken over would otherwise write with what it had in
/// mind. Nothing can call back a request that is already on its way; server-side apply and deletion by UID bound what
/// such a one does.
package struct LeaderTransport: HTTPTransport {
    private let transport: any HTTPTransport
    private let isLeading: @Sendable () -> Bool

    /// Guards a transport; `isLeading` is `LeaderElector.isLeading`.
    package init(_ transport: any HTTPTransport, isLeading: @escaping @Sendable () -> Bool) {
        self.transport = transport
        self.isLeading = isLeading
    }

    /// Sends a request; throws `RuntimeError.notLeading` where it is a write and this process does not lead.
    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard request.method == "GET" || isLeading() else {
            throw RuntimeError.notLeading(request: "\(request.method) \(request.url)")
        }
        return try await transport.send(request)
    }

    /// Sends a request whose answer is a stream; those are reads.
    package func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse {
        try await transport.stream(request)
    }
}
