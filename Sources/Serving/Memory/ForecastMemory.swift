// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import Synchronization

/// Takes forecasts that were issued, so that they are remembered: the part that requests meet. It keeps a bounded number
/// and never waits; what there is no room for is counted.
final class ForecastMemory: Sendable {
    /// A forecast, and the history that another version may forecast from.
    struct Note: Sendable, Equatable {
        var forecast: RememberedForecast
        /// [rows x columns], row-major; empty where no other version is to see it.
        var history: [Double] = []
        /// [horizon x future columns], row-major: what the client knew of the rows to forecast; empty where there is no
        /// history.
        var future: [Double] = []

        fileprivate var numbers: Int { history.count + future.count + forecast.values.count }
    }

    /// What becomes of forecasts, each counted once.
    enum Outcome: String, Sendable, CaseIterable {
        /// It lies in the store.
        case written = "Written"
        /// The same forecast lies in the same segment.
        case duplicate = "Duplicate"
        /// There were more in a second than are to be remembered.
        case limited = "Limited"
        /// The request did not say when its history ends.
        case untimed = "Untimed"
        /// Too many waited, or it was no number.
        case dropped = "Dropped"
        /// The store did not take it.
        case failed = "Failed"
        /// The other version was to forecast the same and could not: it needs a longer history, or there was no free moment.
        case unshadowed = "Unshadowed"
    }

    /// At most so many forecasts wait, with so many numbers.
    static let mostNotes = 4_096
    static let mostNumbers = 1 << 20

    private struct State {
        var rule: ServingConfiguration.Remembering?
        var bucket: TokenBucket?
        var notes: [Note] = []
        var numbers = 0
        var fault: StepFailure?
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Date
    private let count: @Sendable (Outcome, Int) -> Void

    /// A memory without a rule, which takes nothing.
    ///
    /// - Parameters:
    ///   - now: The time of the wall clock.
    ///   - count: Told what became of how many forecasts.
    init(
        now: @escaping @Sendable () -> Date = { Date() },
        count: @escaping @Sendable (Outcome, Int) -> Void = { _, _ in }
    ) {
        self.now = now
        self.count = count
    }

    /// The time in milliseconds since 1970.
    var milliseconds: Int64 { Int64(now().timeIntervalSince1970 * 1_000) }

    /// Takes up another rule; nil to take nothing.
    func follow(_ rule: ServingConfiguration.Remembering?, at instant: ContinuousClock.Instant = .now) {
        state.withLock { state in
            guard rule != state.rule else { return }
            if rule?.forecastsPerSecond != state.rule?.forecastsPerSecond {
                state.bucket = rule.map { TokenBucket(rate: $0.forecastsPerSecond, now: instant) }
            }
            state.rule = rule
            if rule == nil { state.fault = nil }
        }
    }

    /// Takes what was forecast for a request.
    ///
    /// - Parameter forecasts: [batch x horizon x targets] in original units.
    func note(
        _ history: HistoryBatch,
        _ forecasts: [Double],
        of model: ServedModel,
        at instant: ContinuousClock.Instant = .now
    ) {
        guard history.ends.count == history.batch else { return count(.untimed, history.batch) }
        let issued = milliseconds
        let (taken, dropped) = state.withLock { state -> (Int, Int) in
            var (taken, dropped) = (0, 0)
            guard state.rule != nil else { return (history.batch, 0) }
            while taken < history.batch, state.bucket != nil, state.bucket?.take(at: instant) == nil {
                let isShadowed = state.rule?.shadowsCanary == true
                let note = Note(history, forecasts, taken, of: model, issued: issued, withHistory: isShadowed)
                taken += 1
                let isNumber = note.forecast.values.allSatisfy(\.isFinite)
                let hasRoom =
                    state.notes.count < Self.mostNotes
                    && (state.notes.isEmpty || state.numbers + note.numbers <= Self.mostNumbers)
                guard isNumber, hasRoom else {
                    dropped += 1
                    continue
                }
                state.notes.append(note)
                state.numbers += note.numbers
            }
            return (taken, dropped)
        }
        if dropped > 0 { count(.dropped, dropped) }
        if taken < history.batch { count(.limited, history.batch - taken) }
    }

    /// Hands over what has come, in its order.
    func take() -> [Note] {
        state.withLock { state in
            let notes = state.notes
            (state.notes, state.numbers) = ([], 0)
            return notes
        }
    }

    /// Notes what became of forecasts that were taken.
    func settled(_ outcome: Outcome, _ forecasts: Int = 1) { count(outcome, forecasts) }

    /// Why the store did not take what was written last; nil where it did, or where nothing is to be remembered.
    var fault: StepFailure? { state.withLock(\.fault) }

    /// Notes what the store said to the latest forecasts: nil where it took them. Gives back what it had said before.
    func stored(_ fault: StepFailure?) -> StepFailure? {
        state.withLock { state in
            let before = state.fault
            state.fault = state.rule == nil ? nil : fault
            return before
        }
    }
}

extension ForecastMemory.Note {
    /// One history of a batch and its forecast.
    fileprivate init(
        _ history: HistoryBatch,
        _ forecasts: [Double],
        _ position: Int,
        of model: ServedModel,
        issued: Int64,
        withHistory: Bool
    ) {
        let shape = model.shape
        let rows = history.values[position * shape.inputCount..<(position + 1) * shape.inputCount]
        forecast = RememberedForecast(
            version: model.version,
            series: history.series.isEmpty ? .single : model.panel.keys[history.series[position]],
            issued: issued,
            end: history.ends[position],
            last: Array(rows.suffix(shape.channels).prefix(shape.targets)),
            values: Array(forecasts[position * shape.outputCount..<(position + 1) * shape.outputCount])
        )
        guard withHistory else { return }
        self.history = Array(rows)
        future = Array(history.future[position * shape.futureCount..<(position + 1) * shape.futureCount])
    }
}
