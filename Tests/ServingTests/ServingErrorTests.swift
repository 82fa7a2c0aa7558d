// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Testing
import WorkerRuntime

@testable import Serving

@Suite("What a server cannot do")
struct ServingErrorTests {
    @Test("is a reason and an exit code for the operator where it ends the server")
    func endings() {
        let cases: [(ServingError, Reason, WorkerExitCode)] = [
            (.cannotListen(address: "a", reason: "in use"), .workerFailed, .tryAgain),
            (.invalidAccess(problem: "p"), .invalidSpec, .badSpecification),
            (.unusableConfiguration(path: "p", reason: "r"), .invalidSpec, .badSpecification),
            (.forecastNotFinite, .workerFailed, .internalError),
        ]
        for (error, reason, exitCode) in cases {
            let ending = StepEnding(error)
            #expect(ending.failure == StepFailure(reason: reason, message: error.description))
            #expect(ending.exitCode == exitCode, "\(error)")
        }
    }
}
