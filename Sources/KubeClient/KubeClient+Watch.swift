// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTransport
package import KubeCore

extension KubeClient {
    /// Watches objects, with bookmarks; a nil namespace stands for all namespaces.
    ///
    /// The stream ends when the server ends the watch, which is normal and happens every few minutes. It throws
    /// `KubeError` where the server refuses the watch or the connection breaks or stays silent for longer than
    /// `Options.watchIdleTimeout`. It stops when its consumer does, and reads no further ahead than its transport.
    package func watch<Object: KubeObject>(
        _ type: Object.Type,
        namespace: String? = nil,
        options: ListOptions = ListOptions()
    ) -> AsyncThrowingStream<WatchEvent<Object>, any Error> {
        let request = KubeRequest.watch(Object.resource, namespace: namespace, options: options)
        let wanted = Object.isMetadataOnly ? request.forMetadata() : request
        let session = WatchSession<Object>(client: self, request: wanted)
        return AsyncThrowingStream(unfolding: { try await session.next() })
    }
}

/// A running watch: the answer's body on one side, events on the other. One consumer at a time.
private actor WatchSession<Object: KubeObject> {
    /// The most of a refusal that is read.
    private static var refusalLimit: Int { 1 << 20 }

    private let client: KubeClient
    private let request: KubeRequest
    private let decoder = KubeJSON.decoder()
    private var framer = WatchFramer()
    private var frames: ArraySlice<Data> = []
    private var body: AsyncThrowingStream<Data, any Error>.Iterator?
    private var isOver = false

    init(client: KubeClient, request: KubeRequest) {
        self.client = client
        self.request = request
    }

    func next() async throws -> WatchEvent<Object>? {
        do {
            while !isOver {
                if let frame = frames.popFirst() { return try WatchEvent(frame: frame, decoder: decoder) }
                guard let piece = try await nextPiece() else { break }
                frames = try framer.append(piece)[...]
            }
            end()
            return nil
        } catch {
            end()
            throw described(error)
        }
    }

    private func end() {
        isOver = true
        body = nil
        frames = []
    }

    private func nextPiece() async throws -> Data? {
        var iterator = try await started()
        let piece = try await iterator.next(isolation: self)
        body = iterator
        return piece
    }

    private func started() async throws -> AsyncThrowingStream<Data, any Error>.Iterator {
        if let body { return body }
        var login = try await client.credentials.current()
        var response = try await opened(login, retries: 0)
        if response.status == 401, try await client.refresh(login) {
            login = try await client.credentials.current()
            response = try await opened(login, retries: 1)
        }
        guard response.status == 200 else {
            var answer = HTTPResponse(status: response.status, headers: response.headers)
            for try await piece in response.body {
                answer.body.append(piece)
                if answer.body.count >= Self.refusalLimit { break }
            }
            throw KubeClient.refusal(answer, request)
        }
        return response.body.makeAsyncIterator()
    }

    private func opened(_ login: Credentials, retries: Int) async throws -> HTTPStreamingResponse {
        let wire = client.httpRequest(request, login: login, isWatch: true)
        let transport = client.transport
        return try await client.observed(request, retries: retries) {
            try await transport.stream(wire)
        } result: {
            ($0.status, nil)
        }
    }

    private func described(_ error: any Error) -> any Error {
        switch error {
        case let error as HTTPTransportError: KubeError.transport(error, request: request.description)
        case is DecodingError:
            KubeError.undecodable(request: request.description, reason: DecodingFailure.describe(error))
        case let error as WatchFramer.FrameTooLarge:
            KubeError.undecodable(
                request: request.description,
                reason: "an event is larger than \(error.limit) bytes"
            )
        default: error
        }
    }
}
