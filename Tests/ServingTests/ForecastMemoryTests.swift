// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import TestSupport
import Testing

@testable import Serving

@Suite("The memory of forecasts")
struct ForecastMemoryTests {
    private let counts = Shared<[ForecastMemory.Outcome: Int]>([:])
    private let memory: ForecastMemory
    private let start = ContinuousClock.now
    private let model: ServedModel

    init() throws {
        let counts = counts
        memory = ForecastMemory(now: { Date(timeIntervalSince1970: 1_795_230_000.25) }) { outcome, forecasts in
            counts.withLock { $0[outcome, default: 0] += forecasts }
        }
        model = try .naive("g12")
    }

    private func histories(_ count: Int) -> HistoryBatch {
        HistoryBatch(
            values: (0..<count).flatMap { [Double($0), Double($0) + 0.5, Double($0) + 0.75] },
            batch: count,
            ends: (0..<count).map { 1_795_226_400 + Int64($0) }
        )
    }

    private func forecasts(_ count: Int) -> [Double] { (0..<2 * count).map(Double.init) }

    private func outcomes() -> [ForecastMemory.Outcome: Int] { counts.withLock { $0 } }

    @Test("takes each history of a request with its last row, its time and its forecast")
    func takes() {
        memory.note(histories(2), forecasts(2), of: model, at: start)
        #expect(memory.take().isEmpty && outcomes().isEmpty)
        memory.follow(.init(forecastsPerSecond: 10, shadowsCanary: false), at: start)
        memory.note(histories(2), forecasts(2), of: model, at: start)
        let notes = memory.take()
        #expect(notes.map(\.history) == [[], []])
        #expect(
            notes.last?.forecast
                == RememberedForecast(
                    version: "g12",
                    issued: 1_795_230_000_250,
                    end: 1_795_226_401,
                    last: [1.75],
                    values: [2, 3]
                )
        )
        #expect(memory.take().isEmpty && outcomes().isEmpty)
        memory.follow(.init(forecastsPerSecond: 10, shadowsCanary: true), at: start)
        memory.note(histories(1), forecasts(1), of: model, at: start)
        #expect(memory.take().map(\.history) == [[0, 0.5, 0.75]])
        memory.follow(nil)
        memory.note(histories(1), forecasts(1), of: model, at: start)
        #expect(memory.take().isEmpty && outcomes().isEmpty)
    }

    @Test("takes no more in a second than the rule allows, and nothing without times")
    func limits() {
        memory.follow(.init(forecastsPerSecond: 3, shadowsCanary: false), at: start)
        memory.note(histories(5), forecasts(5), of: model, at: start)
        #expect(memory.take().count == 3 && outcomes() == [.limited: 2])
        memory.note(histories(5), forecasts(5), of: model, at: start + .seconds(1))
        #expect(memory.take().count == 3)
        var untimed = histories(4)
        untimed.ends = []
        memory.note(untimed, forecasts(4), of: model, at: start + .seconds(9))
        #expect(memory.take().isEmpty && outcomes() == [.limited: 4, .untimed: 4])
    }

    @Test("drops what is no number, and whatever it has no room for while nobody takes it")
    func drops() {
        memory.follow(.init(forecastsPerSecond: 1_000, shadowsCanary: false), at: start)
        memory.note(histories(1), [.nan, 1], of: model, at: start)
        #expect(outcomes() == [.dropped: 1])
        for second in 1...10 {
            memory.note(histories(1_000), forecasts(1_000), of: model, at: start + .seconds(second))
        }
        #expect(memory.take().count == ForecastMemory.mostNotes)
        #expect(outcomes() == [.dropped: 1 + 10_000 - ForecastMemory.mostNotes])
        memory.note(histories(1_000), forecasts(1_000), of: model, at: start + .seconds(20))
        #expect(memory.take().count == 1_000)
    }
}
