// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import HTTPTypes
import TestSupport
import Testing

@testable import Serving

@Suite("What a process serves")
struct ShelfStateTests {
    private typealias Version = ServingConfiguration.Version

    private let start = ContinuousClock.now
    private let broken = StepFailure(reason: .artifactDigestMismatch, message: "weights differ")
    private let away = StepFailure(reason: .storeUnreachable, message: "no answer")

    private func version(_ name: String) -> Version { Version(version: name, uri: "models/team/traffic/\(name)") }

    private func configuration(
        _ revision: String,
        _ stable: String,
        canary: String? = nil,
        percent: Double = 10,
        others: [String] = []
    ) -> ServingConfiguration {
        var configuration = ServingConfiguration(revision: revision, name: "traffic", stable: version(stable))
        configuration.canary = canary.map { .init(version: version($0), trafficPercent: percent) }
        configuration.others = others.map(version)
        return configuration
    }

    /// Loads all that is due, as a follower does.
    private func load(_ state: inout ShelfState) throws {
        while let due = state.due(at: start) { state.put(try .naive(due.version), as: due) }
    }

    private func answers(_ state: inout ShelfState, _ count: Int) -> [String: Int] {
        var answers: [String: Int] = [:]
        for _ in 0..<count { answers[state.pick([:])?.model.version ?? "none", default: 0] += 1 }
        return answers
    }

    @Test("changes when every version of a new configuration is loaded, and not before")
    func takesUp() throws {
        var state = ShelfState()
        #expect(state.pick([:]) == nil && state.report(isReady: true).isReady == false)
        state.propose(configuration("1", "v1"))
        try load(&state)
        #expect(state.report(isReady: true).revision == "1" && state.report(isReady: true).isReady)
        state.propose(configuration("2", "v2", canary: "v3", others: ["v1"]))
        #expect(answers(&state, 10) == ["v1": 10])
        #expect(state.report(isReady: true).versions.map(\.state) == [.loading, .loading, .ready])
        let first = try #require(state.due(at: start))
        state.put(try .naive(first.version), as: first)
        #expect(answers(&state, 10) == ["v1": 10] && state.report(isReady: true).revision == "1")
        try load(&state)
        #expect(answers(&state, 100) == ["v2": 90, "v3": 10])
        #expect(state.served?.entries.keys.sorted() == ["v1", "v2", "v3"])
        #expect(state.report(isReady: true).versions.map(\.role) == [.stable, .canary, .other])
        state.propose(configuration("3", "v3"))
        #expect(answers(&state, 10) == ["v3": 10])
        #expect(state.served?.entries.keys.sorted() == ["v3"])
    }

    @Test("stays as it is when a version cannot be loaded, and says why")
    func failure() throws {
        var state = ShelfState()
        state.propose(configuration("1", "v1"))
        try load(&state)
        state.propose(configuration("2", "v2"))
        state.fail(version("v2"), broken, canHeal: false, at: start)
        #expect(state.due(at: start + .seconds(10_000)) == nil)
        let report = state.report(isReady: true)
        #expect(report.revision == "1" && report.problem == broken && report.isReady)
        #expect(report.versions.map(\.failure) == [broken] && report.versions.map(\.state) == [.failed])
        #expect(answers(&state, 10) == ["v1": 10])
        // Another revision is another chance.
        state.propose(configuration("3", "v2"))
        #expect(state.due(at: start) == version("v2"))
        state.propose(configuration("4", "v1"))
        #expect(state.report(isReady: true).problem == nil && state.report(isReady: true).revision == "4")
    }

    @Test("tries again what can heal, after a second, then two, and never more than a minute later")
    func backoff() throws {
        var state = ShelfState()
        state.propose(configuration("1", "v1"))
        var now = start
        for pause in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            #expect(state.due(at: now) == version("v1"))
            state.fail(version("v1"), away, canHeal: true, at: now)
            #expect(state.due(at: now + .seconds(pause) - .milliseconds(1)) == nil)
            now += .seconds(pause)
        }
        state.put(try .naive("v1"), as: version("v1"))
        #expect(state.report(isReady: true).problem == nil && state.report(isReady: true).isReady)
    }

    @Test("begins with the stable version alone when no other one can come, and takes the rest up when it can")
    func partly() throws {
        var state = ShelfState()
        state.propose(configuration("1", "v1", canary: "v2", percent: 50))
        state.put(try .naive("v1"), as: version("v1"))
        #expect(!state.report(isReady: true).isReady)
        state.fail(version("v2"), away, canHeal: true, at: start)
        var report = state.report(isReady: true)
        #expect(report.isReady && report.revision.isEmpty && report.problem == away)
        #expect(answers(&state, 10) == ["v1": 10])
        state.put(try .naive("v2"), as: version("v2"))
        report = state.report(isReady: true)
        #expect(report.revision == "1" && report.problem == nil && answers(&state, 10) == ["v1": 5, "v2": 5])
    }

    @Test("keeps clients with a version by their header, and counts those without one")
    func sticky() throws {
        var state = ShelfState()
        var wanted = configuration("1", "v1", canary: "v2", percent: 50)
        wanted.canary?.stickyHeader = "X-User"
        state.propose(wanted)
        try load(&state)
        let header = try #require(HTTPField.Name("x-user"))
        var seen: Set<String> = []
        for client in 0..<20 {
            let picked = (0..<10).map { _ in state.pick([header: "user-\(client)"])?.model.version ?? "" }
            #expect(Set(picked).count == 1)
            seen.formUnion(picked)
        }
        #expect(seen == ["v1", "v2"])
        #expect(answers(&state, 10) == ["v1": 5, "v2": 5])
    }

    @Test("counts requests from zero with each configuration, also of a version that stays")
    func traffic() throws {
        var state = ShelfState()
        state.propose(configuration("1", "v1"))
        try load(&state)
        let picked = state.pick([:])
        let entry = try #require(picked)
        for (code, seconds) in [(200, 0.000_1), (400, 0.003), (504, 30.0)] {
            entry.traffic.count(code: code, seconds: seconds)
        }
        let traffic = try #require(state.report(isReady: true).versions.first?.traffic)
        #expect(traffic.requests == 3 && traffic.failures == 1)
        #expect(traffic.latency[0] == 1 && traffic.latency[4] == 1 && traffic.latency.last == 1)
        state.propose(configuration("2", "v1"))
        #expect(state.report(isReady: true).versions.first?.traffic == ServingReport.Traffic())
        // What began before is counted where it began.
        entry.traffic.count(code: 200, seconds: 1)
        #expect(state.report(isReady: true).versions.first?.traffic.requests == 0)
    }

    @Test("keeps a problem of the file until a good one comes, also the same as before")
    func fileProblems() throws {
        var state = ShelfState()
        let unreadable = StepFailure(reason: .invalidSpec, message: "no JSON")
        state.refuse(unreadable)
        #expect(state.report(isReady: true).problem == unreadable)
        state.propose(configuration("1", "v1"))
        try load(&state)
        state.refuse(unreadable)
        #expect(state.report(isReady: true).problem == unreadable && state.report(isReady: true).isReady)
        state.propose(configuration("1", "v1"))
        #expect(state.report(isReady: true).problem == nil)
    }

    @Test("always answers with versions of one configuration that was whole, whatever comes in which order")
    func anyOrder() throws {
        let names = ["v1", "v2", "v3", "v4"]
        let models = Dictionary(uniqueKeysWithValues: zip(names, try names.map { try ServedModel.naive($0) }))
        for seed in 0..<200 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var state = ShelfState()
            var now = start
            var wasServing = false
            for step in 0..<60 {
                now += .seconds(Int.random(in: 0...3, using: &random))
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    let names = names.shuffled(using: &random)
                    let canary = Bool.random(using: &random) ? names[1] : nil
                    state.propose(configuration("\(step)", names[0], canary: canary, others: [names[2]]))
                case 1:
                    if let due = state.due(at: now) {
                        state.fail(due, away, canHeal: Bool.random(using: &random), at: now)
                    }
                default:
                    if let due = state.due(at: now), let model = models[due.version] { state.put(model, as: due) }
                }
                guard let served = state.served else {
                    #expect(!wasServing)
                    continue
                }
                wasServing = true
                let known = Set(served.configuration.versions.map(\.version))
                #expect(known.isSuperset(of: served.entries.keys))
                #expect(served.stable.model.version == served.configuration.stable.version)
                #expect(!served.isWhole || known == Set(served.entries.keys))
                if let picked = state.pick([:]) { #expect(served.entries[picked.model.version] != nil) }
            }
        }
    }

    @Test("remembers forecasts of the stable version and the canary, of others and without a rule none")
    func remembers() throws {
        var state = ShelfState()
        state.memory = ForecastMemory()
        var wanted = configuration("1", "v1", canary: "v2", others: ["v3"])
        state.propose(wanted)
        try load(&state)
        #expect(state.served?.entries.values.contains { $0.model.memory != nil } == false)
        wanted.revision = "2"
        wanted.remembering = .init(forecastsPerSecond: 1, shadowsCanary: false)
        state.propose(wanted)
        let remembered = state.served?.entries.filter { $0.value.model.memory != nil }.keys.sorted()
        #expect(remembered == ["v1", "v2"])
    }
}
