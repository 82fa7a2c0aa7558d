// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import TestSupport
import Testing

@testable import Serving

@Suite("Tokens that the cluster knows", .timeLimit(.minutes(1)))
struct KubernetesCheckTests {
    /// An API server in a few lines, and a clock.
    private final class World: Sendable {
        let calls = Shared<[String: Int]>([:])
        let verdicts = Shared<[String: KubernetesReviews.Verdict]>([:])
        let failure = Shared<ServingError?>(nil)
        let time = Shared(ContinuousClock.now)
        let pause = Shared(Duration.zero)

        var check: KubernetesCheck {
            KubernetesCheck(
                review: { token throws(ServingError) in
                    self.calls.withLock { $0[token, default: 0] += 1 }
                    try? await Task.sleep(for: self.pause.withLock { $0 })
                    if let failure = self.failure.withLock({ $0 }) { throw failure }
                    return self.verdicts.withLock { $0[token] ?? .unknown }
                },
                now: { self.time.withLock { $0 } }
            )
        }

        func pass(_ duration: Duration) { time.withLock { $0 += duration } }
        func count(_ token: String) -> Int { calls.withLock { $0[token] ?? 0 } }
    }

    private func outcome(_ check: KubernetesCheck, _ token: String) async -> Result<Caller, ServingError> {
        do throws(ServingError) {
            return .success(try await check.admit(token))
        } catch {
            return .failure(error)
        }
    }

    @Test("are asked about once in a minute where they are let in, and once in ten seconds where they are not")
    func cached() async {
        let world = World()
        world.verdicts.withLock { $0 = ["good": .allowed("ann"), "known": .notAllowed("bob")] }
        let check = world.check
        let expected: [(String, Result<Caller, ServingError>)] = [
            ("good", .success(Caller(method: .kubernetes, name: "ann"))), ("known", .failure(.notAllowed(name: "bob"))),
            ("none", .failure(.unauthorized)),
        ]
        for (token, wanted) in expected {
            for _ in 0..<3 { #expect(await outcome(check, token) == wanted) }
            #expect(world.count(token) == 1)
        }
        world.pass(.seconds(11))
        for (token, wanted) in expected { #expect(await outcome(check, token) == wanted) }
        #expect(world.count("good") == 1 && world.count("known") == 2 && world.count("none") == 2)
        // A right that was taken away ends within the minute.
        world.verdicts.withLock { $0["good"] = .notAllowed("ann") }
        world.pass(.seconds(50))
        #expect(await outcome(check, "good") == .failure(.notAllowed(name: "ann")))
    }

    @Test("let nobody new in while the API server does not answer, and are forgotten by it in no time")
    func unavailable() async {
        let world = World()
        world.verdicts.withLock { $0["good"] = .allowed("ann") }
        let check = world.check
        #expect(await outcome(check, "good") == .success(Caller(method: .kubernetes, name: "ann")))
        world.failure.withLock { $0 = .reviewUnavailable(reason: "connection refused") }
        #expect(await outcome(check, "other") == .failure(.accessUndecided))
        #expect(check.problem?.reason == .tokenReviewUnavailable && check.problem?.keepsClientsOut == true)
        #expect(await outcome(check, "good") == .success(Caller(method: .kubernetes, name: "ann")))
        world.pass(.seconds(61))
        #expect(await outcome(check, "good") == .failure(.accessUndecided))
        world.failure.withLock { $0 = nil }
        #expect(await outcome(check, "good") == .success(Caller(method: .kubernetes, name: "ann")))
        #expect(check.problem == nil)
        check.note(.reviewRefused(plural: "tokenreviews", status: 403))
        #expect(check.problem?.reason == .tokenReviewRefused)
        #expect(check.problem?.message.contains("system:auth-delegator") == true)
        check.note(nil)
        #expect(check.problem == nil)
    }

    @Test("that come many at once wait for one review, and all get its answer")
    func together() async {
        let world = World()
        world.verdicts.withLock { $0["good"] = .allowed("ann") }
        world.pause.withLock { $0 = .milliseconds(100) }
        let check = world.check
        let outcomes = await withTaskGroup(of: Result<Caller, ServingError>.self) { group in
            for _ in 0..<50 { group.addTask { await self.outcome(check, "good") } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.allSatisfy { $0 == .success(Caller(method: .kubernetes, name: "ann")) })
        #expect(world.count("good") == 1)
    }

    @Test("in a flood of wrong ones drive no right one out, and only so many are asked about at a time")
    func flood() async {
        let world = World()
        world.verdicts.withLock { $0["good"] = .allowed("ann") }
        let check = world.check
        _ = await outcome(check, "good")
        for number in 0..<(2 * KubernetesCheck.limit) { _ = await outcome(check, "wrong\(number)") }
        _ = await outcome(check, "good")
        #expect(world.count("good") == 1)
        world.pause.withLock { $0 = .milliseconds(300) }
        let outcomes = await withTaskGroup(of: Result<Caller, ServingError>.self) { group in
            for number in 0..<200 { group.addTask { await self.outcome(check, "more\(number)") } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let asked = (0..<200).count { world.count("more\($0)") > 0 }
        #expect(asked == KubernetesCheck.mostReviews)
        #expect(outcomes.count { $0 == .failure(.accessUndecided) } == 200 - asked)
    }

    @Test("of no or absurd length are refused without a question")
    func lengths() async {
        let world = World()
        for token in ["", String(repeating: "x", count: 20_000)] {
            #expect(await outcome(world.check, token) == .failure(.unauthorized))
        }
        #expect(world.calls.withLock { $0.isEmpty })
    }
}

@Suite("A cache of values for a time")
struct ExpiringCacheTests {
    @Test("never holds more than it may, and loses first what is over first")
    func bounded() {
        let start = ContinuousClock.now
        var cache = ExpiringCache<Int>(limit: 3)
        for (name, seconds) in [("a", 30), ("b", 10), ("c", 20)] {
            cache.put(1, as: name, until: start + .seconds(seconds), at: start)
        }
        cache.put(2, as: "b", until: start + .seconds(11), at: start)
        #expect(cache.count == 3 && cache.value(of: "b", at: start) == 2)
        cache.put(1, as: "d", until: start + .seconds(40), at: start)
        #expect(cache.count == 3 && cache.value(of: "b", at: start) == nil && cache.value(of: "a", at: start) == 1)
        #expect(cache.value(of: "a", at: start + .seconds(30)) == nil)
        cache.put(1, as: "e", until: start + .seconds(60), at: start + .seconds(35))
        #expect(cache.count == 2)
    }
}
