// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import HTTPTransport

/// The clients of one API server, each over connections of its own, so that none can hold up another.
///
/// A burst of requests never delays a watch, and neither delays the renewal of a lease. They share their credentials.
package struct KubeConnections: Sendable {
    /// For reads and writes.
    package let requests: KubeClient
    /// For watches; over HTTP/1.1, where ending a watch closes its connection for sure.
    package let watches: KubeClient
    /// For leases: a try takes half a renewal's time at most, and nothing is waited out.
    package let leases: KubeClient

    private let transports: [CurlTransport]

    /// How long a request about a lease may take: half of the time in which a leader has to renew it.
    private static let leaseTimeout = Duration.seconds(5)

    /// Makes clients; nothing is connected before the first request.
    package init(_ configuration: KubeConfiguration, options: KubeClient.Options = KubeClient.Options()) {
        let transports = [true, false, true].map { CurlTransport(configuration.transport(allowsHTTP2: $0)) }
        var leaseOptions = options
        leaseOptions.userAgent += " leader-election"
        leaseOptions.timeout = min(options.timeout, Self.leaseTimeout)
        leaseOptions.retry.maximumDelay = .seconds(1)
        requests = KubeClient(configuration: configuration, transport: transports[0], options: options)
        watches = requests.over(transports[1], options: options)
        leases = requests.over(transports[2], options: leaseOptions)
        self.transports = transports
    }

    /// Ends watches and, after `grace` at most, requests, and closes all connections.
    package func shutdown(grace: Duration = .seconds(5)) async {
        await withTaskGroup(of: Void.self) { group in
            for transport in transports { group.addTask { await transport.shutdown(grace: grace) } }
        }
    }
}
