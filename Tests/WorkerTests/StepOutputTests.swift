// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import Testing
import WorkerTestSupport

@testable import Worker

@Suite("What a step says")
struct StepOutputTests {
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
