// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// A connection of a client, with limits on how long it may take over anything.
struct GuardedConnection: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    /// How long a client may take.
    struct Timeouts: Sendable {
        /// From the first byte of a head to its last; also for the handshake of TLS.
        var head = TimeAmount.seconds(10)
        /// An answer of which the client takes nothing for so long is given up.
        var write = TimeAmount.seconds(30)
        /// A connection on which nothing is asked for so long is closed.
        var idle = TimeAmount.seconds(60)
    }

    private let timeouts: Timeouts
    private let base: HTTP1Channel
    private let admission: Admission
    private let certificate: ServingCertificate?

    /// A connection whose requests are answered by `responder`.
    ///
    /// - Parameter certificate: What connections are secured with; nil for connections without TLS.
    init(
        admission: Admission,
        certificate: ServingCertificate? = nil,
        timeouts: Timeouts = Timeouts(),
        responder: @escaping HTTPChannelHandler.Responder
    ) {
        self.admission = admission
        self.timeouts = timeouts
        self.certificate = certificate
        base = HTTP1Channel(
            responder: responder,
            configuration: .init(
                additionalChannelHandlers: [RequestBoundary()],
                idleTimeout: timeouts.idle,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 * 1024,
                    maxHeaderListSize: 32 * 1024,
                    maxHeaderFieldCount: 128
                )
            )
        )
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let (admission, certificate, timeouts) = (admission, certificate, timeouts)
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let certificate {
                // Before the first certificate a connection is closed at once: nothing is ever said in the clear.
                guard let context = certificate.context else { throw ServingError.noCertificate }
                try pipeline.addHandler(NIOSSLServerHandler(context: context))
            }
            let guardian = ConnectionGuard(
                handshake: certificate == nil ? nil : timeouts.head,
                head: timeouts.head,
                body: { .nanoseconds(admission.limits.timeout.nanoseconds) },
                write: timeouts.write
            )
            try pipeline.addHandler(guardian)
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskExecutorPreference(ConnectionExecutor(value.channel.eventLoop)) {
            await base.handle(value: value, logger: logger)
        }
    }
}

extension Duration {
    /// The duration in whole nanoseconds.
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
