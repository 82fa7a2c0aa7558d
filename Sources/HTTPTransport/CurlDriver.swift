// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CCurl
import FoundationEssentials

/// What a transport's thread does: it drives curl's multi handle and keeps the deadlines.
///
/// That thread only.
struct CurlDriver {
    private let multi: UnsafeMutableRawPointer
    /// Running transfers by their easy handle.
    private var running: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    /// No deadline is nearer than this, so none has to be looked at before.
    private var nextSweep: ContinuousClock.Instant?
    private var certificates: CertificateFiles

    init(multi: UnsafeMutableRawPointer, certificates: CertificateFiles) {
        self.multi = multi
        self.certificates = certificates
    }

    /// Runs until it is told to stop and nothing runs any more.
    mutating func run(taking takeBatch: () -> CurlLoop.Batch) {
        while true {
            let batch = takeBatch()
            for command in batch.commands { obey(command) }
            if let stopAt = batch.stopAt {
                endAll(streamsOnly: ContinuousClock.now < stopAt)
                if running.isEmpty { return }
                nextSweep = min(nextSweep ?? stopAt, stopAt)
            }
            var stillRunning: Int32 = 0
            curl_multi_perform(multi, &stillRunning)
            collectFinished()
            sweep(.now)
            if certificates.areRenewed(at: .now) { renewConnections() }
            let dueTimes = [nextSweep, certificates.nextCheck].compactMap { $0 }
            let wait = dueTimes.min().map { max(.zero, $0 - ContinuousClock.now) } ?? .seconds(60)
            curl_multi_poll(multi, nil, 0, Int32(clamping: min(wait, .seconds(60)).wholeMilliseconds), nil)
        }
    }

    /// Closes all connections.
    func close() {
        curl_multi_cleanup(multi)
    }

    private mutating func obey(_ command: CurlLoop.Command) {
        switch command {
        case .start(let transfer): start(transfer)
        case .cancel(let transfer):
            if transfer.handle != nil { finish(transfer, CancellationError()) }
        case .resume(let transfer):
            guard let handle = transfer.handle else { return }
            transfer.isPaused = false
            transfer.lastByteAt = .now
            // Delivers what curl has kept, at once, and may pause the transfer again.
            curl_easy_pause(handle.easy, CURLPAUSE_CONT)
            note(transfer)
        case .renew: renewConnections()
        }
    }

    private mutating func start(_ transfer: CurlTransfer) {
        guard !transfer.isCancelled else { return transfer.sink.finish(CancellationError()) }
        do {
            let handle = try CurlHandle(transfer, tls: certificates.current(at: .now))
            transfer.startedAt = .now
            transfer.lastByteAt = .now
            transfer.handle = handle
            running[handle.easy] = transfer
            let code = curl_multi_add_handle(multi, handle.easy)
            guard code == CURLM_OK else {
                let reason = String(cString: curl_multi_strerror(code))
                return finish(transfer, HTTPTransportError.cannotConnect(url: transfer.target.redacted, reason: reason))
            }
            note(transfer)
        } catch {
            transfer.sink.finish(error)
        }
    }

    private mutating func finish(_ transfer: CurlTransfer, _ error: (any Error)?) {
        guard let handle = transfer.handle else { return }
        curl_multi_remove_handle(multi, handle.easy)
        running[handle.easy] = nil
        transfer.handle = nil
        transfer.sink.finish(error)
    }

    private mutating func collectFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let transfer = running[easy], let handle = transfer.handle
            else { continue }
            let code = almanac_curl_message_result(message)
            let error =
                code == CURLE_OK
                ? nil
                : HTTPTransportError(
                    code,
                    reason: handle.reason(code),
                    url: transfer.target.redacted
                )
            finish(transfer, error)
        }
    }

    /// Makes sure that the transfer's deadline is looked at in time.
    private mutating func note(_ transfer: CurlTransfer) {
        guard let deadline = transfer.deadline else { return }
        nextSweep = min(nextSweep ?? deadline, deadline)
    }

    /// Ends transfers that are over their deadline.
    ///
    /// A deadline only ever moves back, so this runs seldom.
    private mutating func sweep(_ now: ContinuousClock.Instant) {
        guard let due = nextSweep, due <= now else { return }
        nextSweep = nil
        for transfer in Array(running.values) {
            guard let deadline = transfer.deadline, deadline <= now else {
                note(transfer)
                continue
            }
            // The connection is as suspect as the transfer: over HTTP/2 it would otherwise serve the next request.
            transfer.handle?.distrustConnection()
            finish(transfer, transfer.timeoutError)
        }
    }

    /// Keeps what is open from being used with credentials of before.
    ///
    /// Connections that wait for a next request need nothing: a request with other certificates does not match them.
    private mutating func renewConnections() {
        for transfer in Array(running.values) {
            transfer.handle?.distrustConnection()
            guard transfer.isStream else { continue }
            let url = transfer.target.redacted
            finish(transfer, HTTPTransportError.connectionLost(url: url, reason: "certificates have been renewed"))
        }
    }

    private mutating func endAll(streamsOnly: Bool) {
        for transfer in Array(running.values) where transfer.isStream || !streamsOnly {
            finish(transfer, HTTPTransportError.shutDown(url: transfer.target.redacted))
        }
    }
}
