// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Forecasting
import Foundation
import Testing

@testable import Worker

@Suite("How a step ends")
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
            (WorkerError.cannotListen(address: "a", reason: "in use"), .workerFailed, .tryAgain),
            (WorkerError.stopped, .workerFailed, .tryAgain),
            (Surprise(), .workerFailed, .internalError),
        ]
        for (error, reason, exitCode) in cases {
            let ending = StepEnding(error)
            #expect(ending.failure == StepFailure(reason: reason, message: "\(error)"))
            #expect(ending.exitCode == exitCode, "\(error)")
        }
        #expect(StepEnding(CancellationError()) == StepEnding(WorkerError.stopped))
    }

    @Test("only what another attempt may change is retryable")
    func retries() {
        #expect(StepEnding(ConnectorError.sourceUnreachable(url: "u", reason: "r")).exitCode.isRetryable)
        #expect(StepEnding(WorkerError.stopped).exitCode.isRetryable)
        #expect(!StepEnding(ForecastingError.artifactNotFound(path: "p")).exitCode.isRetryable)
    }

    @Test("progress is one line an event, for people or for programs")
    func progressLines() throws {
        let event = StepProgress(task: "Prepare", message: "1000 rows\nread", fraction: 0.5, rows: 1_000)
        let json = try #require(ProgressReporter.line(event, .json))
        #expect(json == #"{"fraction":0.5,"message":"1000 rows\nread","rows":1000,"task":"Prepare"}"#)
        #expect(!json.contains("\n"))
        #expect(ProgressReporter.line(event, .none) == nil)
        let plain = StepProgress(task: "Train", message: "fitting", fraction: 0)
        #expect(ProgressReporter.line(plain, .plain) == "Train: fitting")
    }

    @Test("a result replaces what the file held, and stays within a termination message")
    func resultFile() throws {
        let workspace = try Workspace()
        let path = workspace.folder.appendingPathComponent("result").path
        try Data(repeating: 0x78, count: 10_000).write(to: URL(fileURLWithPath: path))
        let error = WorkerError.invalidSpec(problems: String(repeating: "ü\"", count: 5_000))
        let outcome = StepRunner.Outcome(StepResult(step: "prepare"), failed: error)
        try ResultFile(asked: path).write(outcome.result)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.utf8.count <= StepResult.maximumBytes)
        #expect(StepResult.decode(text)?.failure?.reason == .invalidSpec)
    }
}
