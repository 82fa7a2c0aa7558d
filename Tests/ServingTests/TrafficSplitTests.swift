// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Serving

@Suite("The split of requests")
struct TrafficSplitTests {
    private func turns(_ percent: Double, _ count: Int) -> [Bool] {
        var split = TrafficSplit(percent: percent)
        return (0..<count).map { _ in split.takesNext() }
    }

    @Test("gives a canary exactly its whole percentage of any hundred requests in a row", arguments: 0...100)
    func exact(_ percent: Int) {
        let turns = turns(Double(percent), 1_000)
        var inWindow = turns[..<100].count { $0 }
        #expect(inWindow == percent)
        for end in 100..<turns.count {
            inWindow += (turns[end] ? 1 : 0) - (turns[end - 100] ? 1 : 0)
            guard inWindow != percent else { continue }
            Issue.record("\(inWindow) of the hundred requests before \(end)")
            break
        }
    }

    @Test("is never more than one request off where the percentage is no whole number")
    func fractions() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<50 {
            let percent = (Double.random(in: 0...100, using: &random) * 1_000).rounded() / 1_000
            var taken = 0
            for (index, isTaken) in turns(percent, 5_000).enumerated() {
                taken += isTaken ? 1 : 0
                let expected = Double(index + 1) * percent / 100
                guard abs(Double(taken) - expected) > 1 else { continue }
                Issue.record("\(taken) of \(index + 1) at \(percent) %")
                break
            }
        }
    }

    @Test("spreads a share evenly: between two of a canary's requests are as many others as can be")
    func spread() {
        let places = turns(10, 200).enumerated().filter(\.element).map(\.offset)
        #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 == 10 })
    }

    @Test("by a text gives about the share, always the same, and only adds clients when the share grows")
    func sticky() {
        let clients = (0..<20_000).map { "client-\($0)" }
        var before: Set<String> = []
        for percent in [0.0, 1, 5, 25, 50, 99, 100] {
            let split = TrafficSplit(percent: percent)
            let taken = Set(clients.filter { split.takes($0) })
            #expect(taken.isSuperset(of: before))
            #expect(abs(Double(taken.count) / 200 - percent) < 1, "\(percent) %: \(taken.count)")
            before = taken
        }
        #expect(before.count == clients.count)
        // Other pods, other releases: the place of a text is part of what is promised.
        #expect((0..<100).first { TrafficSplit(percent: Double($0)).takes("client-7") } == 26)
    }

    @Test("takes a share that is no number, or out of bounds, for the nearest that is one")
    func bounds() {
        #expect(!turns(.nan, 100).contains(true) && !turns(-5, 100).contains(true))
        #expect(!turns(250, 100).contains(false))
    }
}
