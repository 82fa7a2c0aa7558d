// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import Synchronization

/// What is known of each step while a run goes on; steps report from several tasks.
final class StepBoard: Sendable {
    private struct State {
        var observations: [String: StepObservation] = [:]
        var notes: [String: WorkerProgress] = [:]
    }

    private let state = Mutex(State())
    private let report: LocalRunner.Report

    init(report: @escaping LocalRunner.Report) { self.report = report }

    /// What is known now.
    var observations: [String: StepObservation] { state.withLock { $0.observations } }

    /// Notes that an attempt of a step starts, and returns its number.
    func start(_ step: String, now: Date) -> Int {
        change { state in
            var observation = state.observations[step] ?? .none
            observation.attempts += 1
            observation.startTime = observation.startTime ?? now
            observation.state = .running
            state.observations[step] = observation
            return observation.attempts
        }
    }

    /// Notes what a step's worker says.
    func note(_ progress: WorkerProgress, of step: String) {
        change { state in state.notes[step] = progress }
    }

    /// Notes how an attempt ended.
    func end(_ step: String, _ outcome: StepObservation.State, now: Date) {
        change { state in
            state.observations[step]?.state = outcome
            state.observations[step]?.completionTime = now
        }
    }

    private func change<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        let (value, after) = state.withLock { state in (body(&state), state) }
        report(after.observations, after.notes)
        return value
    }
}
