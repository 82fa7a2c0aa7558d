// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeClient
package import KubeCore

/// How to list and watch one resource.
package struct ListWatch<Object: KubeObject>: Sendable {
    /// Fetches a page.
    package var list: @Sendable (ListOptions) async throws -> KubeList<Object>
    /// Opens a watch with bookmarks, whose stream throws where the connection stays silent for too long.
    package var watch: @Sendable (ListOptions) async throws -> AsyncThrowingStream<WatchEvent<Object>, any Error>
    /// Whether a watch can begin with the present state and says where that ends; asked once, before everything else.
    package var streamsState: @Sendable () async -> Bool

    /// Makes one from closures.
    package init(
        list: @escaping @Sendable (ListOptions) async throws -> KubeList<Object>,
        watch: @escaping @Sendable (ListOptions) async throws -> AsyncThrowingStream<WatchEvent<Object>, any Error>,
        streamsState: @escaping @Sendable () async -> Bool = { false }
    ) {
        self.list = list
        self.watch = watch
        self.streamsState = streamsState
    }

    /// Lists and watches at an API server.
    ///
    /// - Parameters:
    ///   - client: The client; its `watchIdleTimeout` is what finds a dead connection. It should leave retries to the
    ///     reflector, as `RuntimeClients.caches` does.
    ///   - namespace: The namespace, nil for all.
    ///   - labelSelector: Selects by labels, nil for all objects.
    ///   - fieldSelector: Selects by fields, nil for all objects.
    package init(
        client: KubeClient,
        namespace: String? = nil,
        labelSelector: String? = nil,
        fieldSelector: String? = nil
    ) {
        @Sendable func selecting(_ options: ListOptions) -> ListOptions {
            var options = options
            options.labelSelector = labelSelector
            options.fieldSelector = fieldSelector
            return options
        }
        list = { try await client.list(Object.self, namespace: namespace, options: selecting($0)) }
        watch = { client.watch(Object.self, namespace: namespace, options: selecting($0)) }
        // Older servers know the option but lack it, or ignore it and never say where the state ends.
        streamsState = { (try? await client.serverVersion().isAtLeast(minor: 32)) ?? false }
    }
}

extension ReflectorStateMachine.Failure {
    /// What an error means for a reflector.
    package init(_ error: any Error) {
        switch error {
        case let failure as Self: self = failure
        case let error as KubeError:
            switch error {
            case .status(let status, _, _): self.init(status)
            case .undecodable: self = .garbled
            case .transport, .configuration, .missingPermissions: self = error.isRetryable ? .unavailable : .refused
            }
        default: self = .refused
        }
    }

    /// What a status of the server means for a reflector.
    package init(_ status: KubeStatus) {
        if status.isGone {
            self = .expired
        } else if status.isVersionTooLarge {
            self = .versionTooLarge
        } else if status.code == 429 {
            self = .unavailable
        } else {
            self = .refused
        }
    }
}

extension KubeStatus {
    /// Whether the server, behind others, has not seen the version that was asked for.
    fileprivate var isVersionTooLarge: Bool {
        if details?.causes?.contains(where: { $0.reason == "ResourceVersionTooLarge" }) == true { return true }
        return message?.contains("Too large resource version") == true
    }
}
