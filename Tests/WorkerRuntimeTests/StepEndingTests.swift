// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Forecasting
import Testing
import WorkerRuntime

@Suite("How a step or a server ends")
struct StepEndingTests {
    private struct Surprise: Error, CustomStringConvertible { let description = "a surprise" }

    @Test("each error has a reason and an exit code, and keeps its message")
    func mapping() {
        let cases: [(any Error, Reason, WorkerExitCode)] = [
            (ConnectorError.badData(BadData("no number", line: 3)), .badData, .badData),
            (ConnectorError.sourceUnreachable(url: "u", reason: "r"), .sourceUnreachable, .unreachable),
            (ConnectorError.credentialsRejected(url: "u", status: 403), .credentialsRejected, .badSpecification),
            (ConnectorError.noData(source: "u", hint: "h"), .noData, .badData),
            (ConnectorError.sinkUnreachable(url: "u", reason: "r"), .sinkUnreachable, .unreachable),
            (ConnectorError.writeRefused(url: "u", reason: "r"), .writeRefused, .badSpecification),
            (ConnectorError.cancelled, .workerFailed, .tryAgain),
            (ForecastingError.fitFailed(model: "NLinear", reason: "r"), .badData, .badData),
            (ForecastingError.invalidShape(reason: "r"), .invalidSpec, .badSpecification),
            (
                ForecastingError.fileSystem(operation: "write", path: "p", reason: "full"), .storeUnreachable,
                .unreachable
            ),
            (ForecastingError.storeUnreachable(reason: "r"), .storeUnreachable, .unreachable),
            (ForecastingError.storeRefused(reason: "r"), .storeUnreachable, .badSpecification),
            (ForecastingError.storeCredentialsRejected(reason: "r"), .credentialsRejected, .badSpecification),
            (ForecastingError.artifactNotFound(path: "p"), .artifactNotFound, .badSpecification),
            (
                ForecastingError.artifactDigestMismatch(file: "f", expected: "a", actual: "b"),
                .artifactDigestMismatch, .badSpecification
            ),
            (ForecastingError.invalidModelPath("p"), .invalidSpec, .badSpecification),
            (WorkerRuntimeError.secretNotFound(field: "f", problem: "p"), .secretNotFound, .tryAgain),
            (WorkerRuntimeError.invalidServer(field: "f", problem: "p"), .invalidSpec, .badSpecification),
            (WorkerRuntimeError.stopped, .workerFailed, .tryAgain),
            (Surprise(), .workerFailed, .internalError),
        ]
        for (error, reason, exitCode) in cases {
            let ending = StepEnding(error)
            #expect(ending.failure == StepFailure(reason: reason, message: "\(error)"))
            #expect(ending.exitCode == exitCode, "\(error)")
        }
        #expect(StepEnding(CancellationError()) == StepEnding(WorkerRuntimeError.stopped))
    }

    @Test("only what another attempt may change is retryable")
    func retries() {
        #expect(StepEnding(ConnectorError.sourceUnreachable(url: "u", reason: "r")).exitCode.isRetryable)
        #expect(StepEnding(WorkerRuntimeError.stopped).exitCode.isRetryable)
        #expect(!StepEnding(ForecastingError.artifactNotFound(path: "p")).exitCode.isRetryable)
    }
}
