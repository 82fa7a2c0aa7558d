// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTransport
import Synchronization

/// The credentials of a configuration as they are now, shared by all clients made from one another.
final class CredentialSource: Sendable {
    /// The clocks, the files and the programs that a source reads.
    struct Surroundings: Sendable {
        var now: @Sendable () -> ContinuousClock.Instant = { .now }
        var date: @Sendable () -> Date = { Date() }
        var read: @Sendable (String) -> String? = { try? String(contentsOfFile: $0, encoding: .utf8) }
        var run: @Sendable (CredentialPlugin) throws -> PluginCredentials = { try $0.run() }
    }

    private struct State {
        var token: TokenCache
        var plugin = PluginCache()
        var waiting: [UInt64: CheckedContinuation<PluginCredentials, any Error>] = [:]
        var nextWaiter: UInt64 = 0
        var onRenewal: [@Sendable () -> Void] = []
    }

    private let tokenOrigin: KubeConfiguration.Token?
    private let login: KubeConfiguration.Login?
    private let plugin: CredentialPlugin?
    private let surroundings: Surroundings
    private let state: Mutex<State>

    init(_ configuration: KubeConfiguration, surroundings: Surroundings = Surroundings()) {
        tokenOrigin = configuration.token
        login = configuration.login
        plugin = configuration.plugin
        self.surroundings = surroundings
        var first: String?
        if case .fileAfter(_, let token) = configuration.token { first = token }
        state = Mutex(State(token: TokenCache(token: first)))
    }

    /// Is called whenever a plugin hands out another certificate than before.
    func onRenewal(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.onRenewal.append(body) }
    }

    /// What to send now.
    ///
    /// Throws `KubeError.configuration` where a token file has never been readable or the plugin fails.
    func current() async throws -> Credentials {
        var credentials = Credentials()
        credentials.token = try token()
        if let token = credentials.token {
            credentials.authorization = "Bearer \(token)"
        } else if let login {
            let pair = Data("\(login.user):\(login.password)".utf8)
            credentials.authorization = "Basic \(pair.base64EncodedString())"
        }
        guard let plugin else { return credentials }
        let handedOut = try await self.handedOut(by: plugin)
        credentials.authorization = credentials.authorization ?? handedOut.token.map { "Bearer \($0)" }
        credentials.identity = handedOut.identity
        credentials.handedOut = handedOut
        return credentials
    }

    /// Has the credentials fetched anew at the next call, unless another caller has done so since `rejected` was sent.
    func invalidate(rejected: Credentials) {
        state.withLock { state in
            state.token.invalidate(rejected: rejected.token)
            state.plugin.invalidate(rejected: rejected.handedOut)
        }
    }

    private func token() throws -> String? {
        let path: String
        switch tokenOrigin {
        case nil: return nil
        case .inline(let text): return text
        case .file(let file), .fileAfter(let file, _): path = file
        }
        // Reading a small file of a memory-backed volume under the lock: everyone else waits for the same answer.
        let token = state.withLock { state in
            let now = surroundings.now()
            if state.token.isStale(at: now) { state.token.take(surroundings.read(path), at: now) }
            return state.token.token
        }
        guard let token else {
            throw KubeError.configuration(source: path, field: "token", reason: "the file cannot be read or is empty")
        }
        return token
    }

    // MARK: The plugin

    private func handedOut(by plugin: CredentialPlugin) async throws -> PluginCredentials {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                switch step(waiter, continuation) {
                case .use(let credentials): continuation.resume(returning: credentials)
                case .fail(let error): continuation.resume(throwing: error)
                case .wait: break
                case .run: begin(plugin)
                }
                // Cancelled before it waited: the handler has found nobody to let go.
                if Task.isCancelled { letGo(waiter) }
            }
        } onCancel: {
            letGo(waiter)
        }
    }

    private func step(
        _ waiter: UInt64,
        _ continuation: CheckedContinuation<PluginCredentials, any Error>
    ) -> PluginCache.Step {
        state.withLock { state in
            let step = state.plugin.next(at: surroundings.now(), date: surroundings.date())
            switch step {
            case .wait, .run: state.waiting[waiter] = continuation
            case .use, .fail: break
            }
            return step
        }
    }

    private func letGo(_ waiter: UInt64) {
        let continuation = state.withLock { $0.waiting.removeValue(forKey: waiter) }
        continuation?.resume(throwing: CancellationError())
    }

    /// Runs the plugin on a thread of its own, for everybody: it goes on even where whoever began it does not wait.
    private func begin(_ plugin: CredentialPlugin) {
        DetachedThread.start(named: "credentials") { [self] in
            let result = Result { try surroundings.run(plugin) }
            let (waiting, onRenewal) = state.withLock { state in
                defer { state.waiting = [:] }
                let isRenewed = state.plugin.finish(result, at: surroundings.now())
                return (state.waiting, isRenewed ? state.onRenewal : [])
            }
            for body in onRenewal { body() }
            for continuation in waiting.values { continuation.resume(with: result) }
        }
    }
}
