// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeTestSupport
import Synchronization
import Testing

@testable import KubeClient

struct CredentialSourceTests {
    /// A plugin that a test plays, its clocks, and how often it ran.
    final class Played: Sendable {
        struct State {
            var runs = 0
            var answer: Result<PluginCredentials, KubeError> = .success(PluginCredentials(token: "t0"))
            var elapsed = Duration.zero
            /// How many runs wait for the gate.
            var held = 0
        }
        let gate = DispatchSemaphore(value: 0)
        let state = Mutex(State())
        let start = ContinuousClock.now
        let date = Date(timeIntervalSince1970: 1_700_000_000)

        var runs: Int { state.withLock { $0.runs } }

        func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

        func source(token: KubeConfiguration.Token? = nil) -> CredentialSource {
            var configuration = KubeConfiguration(server: "https://h", token: token)
            configuration.plugin = CredentialPlugin(
                command: "x",
                arguments: [],
                environment: [],
                version: .v1,
                interactiveMode: .never,
                origin: ("f", "exec")
            )
            var surroundings = CredentialSource.Surroundings()
            surroundings.now = { [self] in start + state.withLock { $0.elapsed } }
            surroundings.date = { [self] in date + state.withLock { $0.elapsed } / .seconds(1) }
            surroundings.run = { [self] _ in
                let (answer, isHeld) = state.withLock { state in
                    state.runs += 1
                    return (state.answer, state.runs <= state.held)
                }
                if isHeld { gate.wait() }
                return try answer.get()
            }
            return CredentialSource(configuration, surroundings: surroundings)
        }
    }

    @Test("a hundred callers share one run of a plugin, and one more after a 401")
    func sharing() async throws {
        let played = Played()
        played.set { $0.held = 1 }
        let source = played.source()
        func all() async throws -> [Credentials] {
            try await withThrowingTaskGroup(of: Credentials.self) { group in
                for _ in 0..<100 { group.addTask { try await source.current() } }
                try await Task.sleep(for: .milliseconds(50))
                played.gate.signal()
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        let first = try await all()
        #expect(played.runs == 1 && first.allSatisfy { $0.authorization == "Bearer t0" })
        played.set { $0.answer = .success(PluginCredentials(token: "t1")) }
        // Each of them has had a 401; those that come late must not throw away what the first has fetched.
        let second = try await withThrowingTaskGroup(of: Credentials.self) { group in
            for rejected in first {
                group.addTask {
                    source.invalidate(rejected: rejected)
                    return try await source.current()
                }
            }
            return try await group.reduce(into: [Credentials]()) { $0.append($1) }
        }
        #expect(played.runs == 2 && second.allSatisfy { $0.authorization == "Bearer t1" })
    }

    @Test("what a plugin handed out is used until it expires")
    func expiry() async throws {
        let played = Played()
        let source = played.source()
        played.set { $0.answer = .success(PluginCredentials(token: "t", expiry: played.date + 60)) }
        _ = try await source.current()
        played.set { $0.elapsed = .seconds(59) }
        _ = try await source.current()
        #expect(played.runs == 1)
        played.set {
            $0.elapsed = .seconds(60)
            $0.answer = .success(PluginCredentials(token: "u"))
        }
        #expect(try await source.current().authorization == "Bearer u")
        // Without an expiry it lasts until it is refused.
        played.set { $0.elapsed = .seconds(1_000_000) }
        _ = try await source.current()
        #expect(played.runs == 2)
    }

    @Test("a failing plugin fails all its callers and is not run for each of them")
    func failing() async throws {
        let played = Played()
        let error = KubeError.configuration(source: "f", field: "exec", reason: "broken")
        played.set { $0.answer = .failure(error) }
        let source = played.source()
        for _ in 0..<10 { await #expect(throws: error) { try await source.current() } }
        #expect(played.runs == 1)
        played.set {
            $0.elapsed = .seconds(1)
            $0.answer = .success(PluginCredentials(token: "t"))
        }
        #expect(try await source.current().authorization == "Bearer t")
    }

    @Test(
        "a caller that is cancelled leaves at once, and the others get what the plugin hands out",
        .timeLimit(.minutes(1))
    )
    func cancellation() async throws {
        let played = Played()
        played.set { $0.held = 1 }
        let source = played.source()
        // The first to come begins the run, and leaves while that still goes on.
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await #expect(throws: CancellationError.self) { try await source.current() } }
            while played.runs == 0 { await Task.yield() }
            group.cancelAll()
        }
        async let other = source.current()
        try await Task.sleep(for: .milliseconds(20))
        played.gate.signal()
        #expect(try await other.authorization == "Bearer t0")
        #expect(played.runs == 1)
    }

    @Test("plugins that take their time leave the pool's threads to others", .timeLimit(.minutes(1)))
    func pool() async throws {
        let played = Played()
        let count = 4 * ProcessInfo.processInfo.activeProcessorCount
        played.set { $0.held = count }
        let sources = (0..<count).map { _ in played.source() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for source in sources { group.addTask { _ = try await source.current() } }
            // All of them run at once and none ends; this task still gets on, which lets them go.
            while played.runs < count { try await Task.sleep(for: .milliseconds(1)) }
            for _ in 0..<count { played.gate.signal() }
            try await group.waitForAll()
        }
    }

    @Test("a changed certificate closes connections, a changed token does not")
    func renewal() async throws {
        let played = Played()
        let source = played.source()
        let renewals = Mutex(0)
        source.onRenewal { renewals.withLock { $0 += 1 } }
        func take(_ credentials: PluginCredentials) async throws {
            played.set { $0.answer = .success(credentials) }
            source.invalidate(rejected: try await source.current())
            #expect(try await source.current().identity == credentials.identity)
        }
        let one = HTTPClientIdentity(certificate: Data("1".utf8), key: Data("1".utf8))
        let two = HTTPClientIdentity(certificate: Data("2".utf8), key: Data("2".utf8))
        played.set { $0.answer = .success(PluginCredentials(token: "a", identity: one)) }
        _ = try await source.current()
        try await take(PluginCredentials(token: "b", identity: one))
        #expect(renewals.withLock { $0 } == 0)
        try await take(PluginCredentials(token: "b", identity: two))
        #expect(renewals.withLock { $0 } == 1)
    }

    @Test("a configured token comes before a plugin's, and a password's field is built as RFC 7617 says")
    func precedence() async throws {
        let played = Played()
        #expect(try await played.source(token: .inline("own")).current().authorization == "Bearer own")
        var configuration = KubeConfiguration(server: "https://h")
        configuration.login = KubeConfiguration.Login(user: "Aladdin", password: "open sesame")
        let login = try await CredentialSource(configuration).current()
        #expect(login.authorization == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        #expect(!"\(login) \(configuration) \(String(describing: configuration.login))".contains("sesame"))
    }

    @Test("a token file counts as soon as it can be read, and the token beside it until then")
    func tokenFile() async throws {
        let folder = try TestFolder()
        let elapsed = Mutex(Duration.zero)
        let start = ContinuousClock.now
        var surroundings = CredentialSource.Surroundings()
        surroundings.now = { start + elapsed.withLock { $0 } }
        let file = folder.path + "/token"
        let configuration = KubeConfiguration(server: "https://h", token: .fileAfter(file, first: "first"))
        let source = CredentialSource(configuration, surroundings: surroundings)
        #expect(try await source.current().authorization == "Bearer first")
        try folder.write("token", "second\n")
        elapsed.withLock { $0 = .seconds(60) }
        #expect(try await source.current().authorization == "Bearer second")
        let alone = CredentialSource(KubeConfiguration(server: "https://h", token: .file(file + "-missing")))
        let error = await #expect(throws: KubeError.self) { try await alone.current() }
        #expect(error?.description.hasPrefix(file + "-missing: token: ") == true)
    }
}
