// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import HTTPTransport
package import KubeClient

/// The clients of one operator process, each with connections of its own, so that none waits for another.
package struct RuntimeClients: Sendable {
    /// For reconciliations and events; after three tries the work queue waits instead, and the worker takes another key.
    package private(set) var requests: KubeClient
    /// For reflectors, which do their own retries: theirs know the version to go on from and back off further.
    package let caches: KubeClient
    /// For the lease, which is renewed however busy the others are; a renewal that takes too long is tried anew.
    package let leases: KubeClient

    /// Makes the clients.
    ///
    /// - Parameters:
    ///   - configuration: The API server, and who asks.
    ///   - userAgent: How the process calls itself; the lease's client adds `/leader-election`.
    ///   - timing: The periods of the election, which bound how long a renewal may take.
    ///   - requestTimeout: How long one try of a request may take, but for the lease's.
    ///   - watchIdleTimeout: How long a watch may stay silent; the server sends bookmarks each minute.
    ///   - metrics: Counts every try.
    package init(
        configuration: KubeConfiguration,
        userAgent: String,
        timing: LeaderStateMachine.Timing = .init(),
        requestTimeout: Duration = .seconds(30),
        watchIdleTimeout: Duration = .seconds(90),
        metrics: RestClientMetrics
    ) {
        var options = KubeClient.Options(
            userAgent: userAgent,
            timeout: requestTimeout,
            watchIdleTimeout: watchIdleTimeout,
            observe: metrics.observe
        )
        options.retry.maximumRetries = 3
        requests = KubeClient(
            configuration: configuration,
            transport: CurlTransport(configuration.transport()),
            options: options
        )
        metrics.prepare(host: requests.host)
        options.retry.maximumRetries = 0
        // They share the credentials: a plugin runs once for all of them.
        caches = requests.over(
            // Over HTTP/1.1 each watch has its own connection, and one that has gone silent is closed with it.
            CurlTransport(configuration.transport(allowsHTTP2: false)),
            options: options
        )
        options.userAgent = userAgent + "/leader-election"
        options.timeout = max(.seconds(1), timing.renewDeadline / 2)
        leases = requests.over(
            CurlTransport(configuration.transport(allowsHTTP2: false)),
            options: options
        )
    }

    /// The same clients, of which the first writes only until that time and not where it is nil, see `LeaderTransport`;
    /// that is for instance `LeaderElector.leadsUntil`.
    package func writing(until leadsUntil: @escaping @Sendable () -> ContinuousClock.Instant?) -> RuntimeClients {
        var clients = self
        clients.requests = requests.through { LeaderTransport($0, leadsUntil: leadsUntil) }
        return clients
    }
}
