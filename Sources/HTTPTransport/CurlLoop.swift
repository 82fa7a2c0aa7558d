// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CCurl
import FoundationEssentials
import Synchronization

/// The inbox of a transport's thread: others put commands in, the thread (`CurlDriver`) takes them out.
final class CurlLoop: Sendable {
    /// What the thread is asked to do.
    enum Command {
        case start(CurlTransfer)
        case cancel(CurlTransfer)
        case resume(CurlTransfer)
        case renew
    }

    /// What the thread takes out of the inbox at once.
    struct Batch {
        var commands: [Command]
        /// When transfers that still run are given up; nil while the loop is to stay.
        var stopAt: ContinuousClock.Instant?
    }

    private enum Phase {
        case notStarted
        /// The handle is valid exactly as long as this phase lasts, so it is only woken under the lock.
        case running(UnsafeMutableRawPointer)
        case ended
    }

    private struct Inbox {
        var phase = Phase.notStarted
        var batch = Batch(commands: [])
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let inbox = Mutex(Inbox())
    private let connectionsPerHost: Int
    private let certificates: CertificateFiles

    init(connectionsPerHost: Int, certificates: CertificateFiles) {
        self.connectionsPerHost = connectionsPerHost
        self.certificates = certificates
    }

    /// Starts a transfer, and the thread with the first one.
    ///
    /// Its sink is finished in any case.
    func start(_ transfer: CurlTransfer) {
        let accepted = inbox.withLock { inbox -> Bool in
            guard inbox.batch.stopAt == nil else { return false }
            if case .notStarted = inbox.phase {
                guard let multi = makeMulti() else { return false }
                inbox.phase = .running(multi)
                spawn()
            }
            post(.start(transfer), to: &inbox)
            return true
        }
        if !accepted { transfer.sink.finish(HTTPTransportError.shutDown(url: transfer.target.redacted)) }
    }

    /// Ends a transfer; its sink is finished with a `CancellationError`.
    ///
    /// Does nothing for one that is over.
    func cancel(_ transfer: CurlTransfer) {
        // The mark also reaches a transfer whose start is not in the inbox yet.
        transfer.markCancelled()
        inbox.withLock { post(.cancel(transfer), to: &$0) }
    }

    /// Lets a paused transfer go on.
    func resume(_ transfer: CurlTransfer) {
        inbox.withLock { post(.resume(transfer), to: &$0) }
    }

    /// Ends streams, and keeps connections that are in use from being used again.
    func renew() {
        inbox.withLock { post(.renew, to: &$0) }
    }

    /// Takes no more transfers, ends streams, and gives what still runs that much time.
    func stop(grace: Duration) {
        inbox.withLock { inbox in
            let stopAt = ContinuousClock.now + grace
            inbox.batch.stopAt = inbox.batch.stopAt.map { min($0, stopAt) } ?? stopAt
            switch inbox.phase {
            case .notStarted: inbox.phase = .ended
            case .running(let multi): curl_multi_wakeup(multi)
            case .ended: break
            }
        }
    }

    /// Waits until the thread is done.
    func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = inbox.withLock { inbox in
                if case .ended = inbox.phase { return true }
                inbox.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func post(_ command: Command, to inbox: inout Inbox) {
        guard case .running(let multi) = inbox.phase else { return }
        inbox.batch.commands.append(command)
        curl_multi_wakeup(multi)
    }

    private func makeMulti() -> UnsafeMutableRawPointer? {
        guard CurlGlobal.isReady, let multi = curl_multi_init() else { return nil }
        almanac_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connectionsPerHost)
        return multi
    }

    private func spawn() {
        DetachedThread.start(named: "curl") { [self] in
            let handle = inbox.withLock { inbox -> UnsafeMutableRawPointer? in
                guard case .running(let multi) = inbox.phase else { return nil }
                return multi
            }
            guard let handle else { return }
            var driver = CurlDriver(multi: handle, certificates: certificates)
            driver.run(taking: takeBatch)
            let waiting = inbox.withLock { inbox in
                inbox.phase = .ended
                defer { inbox.waiting = [] }
                return inbox.waiting
            }
            driver.close()
            for continuation in waiting { continuation.resume() }
        }
    }

    private func takeBatch() -> Batch {
        inbox.withLock { inbox in
            defer { inbox.batch.commands = [] }
            return inbox.batch
        }
    }
}

/// Curl's process-wide set-up, done once.
private enum CurlGlobal {
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
