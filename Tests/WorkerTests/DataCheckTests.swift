// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import Testing
import WorkerTestSupport

@testable import Worker

@Suite("Checks of the data")
struct DataCheckTests {
    /// Two hours and a half after the last of 600 rows.
    private static let due: Date = Date(timeIntervalSince1970: 1_704_067_200 + 3_600 * 601.5)
    /// The step itself runs a day later.
    private let runner: StepRunner = StepRunner(transport: ScriptedTransport(), now: { DataCheckTests.due + 86_400 })

    private func run(
        _ checks: DataChecksSpec,
        rows: [String] = Workspace.rows(600),
        missing: PreprocessSpec.MissingPolicy = .interpolate,
        created: Date = DataCheckTests.due,
        scheduled: Date? = nil
    ) async throws -> StepRunner.Outcome {
        let workspace = try Workspace()
        try workspace.write(rows)
        var request = workspace.request(Workspace.wholeRun) {
            $0.dataChecks = checks
            $0.preprocess = PreprocessSpec(missing: missing)
        }
        request.createdTime = created
        request.scheduledTime = scheduled
        return await runner.run(request)
    }

    @Test("freshness counts from the scheduled time, however late the run starts, and else from its start")
    func freshness() async throws {
        let checks = DataChecksSpec(maxAgeSteps: 2)
        let late = try await run(checks, created: Self.due + 30 * 86_400, scheduled: Self.due).result
        #expect(late.dataChecks?.fresh?.holds == true)
        let byHand = try await run(checks, created: Self.due + 3_600).result
        #expect(byHand.dataChecks?.fresh?.holds == false)
        #expect(byHand.dataChecks?.fresh?.message.contains("3 steps of 1h before 2024-01-26T02:30:00Z") == true)
    }

    @Test("data that is as it must be is trained on, and the result says what was found")
    func good() async throws {
        let checks = DataChecksSpec(
            maxAgeSteps: 2,
            maxGapSteps: 0,
            maxFlatSteps: 3,
            ranges: [ColumnRangeSpec(column: "value", minimum: 0)]
        )
        let result = try await run(checks).result
        #expect(result.model != nil && result.skipped == nil)
        #expect(result.dataChecks?.fresh?.message == "the last row is 2 steps of 1h before 2024-01-26T01:30:00Z")
        #expect(result.dataChecks?.valid?.holds == true)
        let unasked = try await run(DataChecksSpec()).result
        #expect(unasked.dataChecks?.fresh == nil && unasked.dataChecks?.valid?.holds == true)
    }

    @Test("data that is not is left out, trained on or refused, as the policy says", arguments: [true, false])
    func policies(isStale: Bool) async throws {
        func checks(_ policy: DataChecksSpec.Policy?) -> DataChecksSpec {
            isStale
                ? DataChecksSpec(policy: policy, maxAgeSteps: 1)
                : DataChecksSpec(policy: policy, ranges: [ColumnRangeSpec(column: "value", maximum: 50)])
        }
        let reason: Reason = isStale ? .dataStale : .dataInvalid
        let skipped = try await run(checks(nil))
        #expect(skipped.exitCode == .success && skipped.result.skipped == true)
        #expect(skipped.result.dataChecks?.objection?.reason == reason)
        #expect(skipped.result.dataset == nil && skipped.result.model == nil)
        let trained = try await run(checks(.train)).result
        #expect(trained.model != nil && trained.skipped == nil && trained.dataChecks?.objection?.reason == reason)
        let failed = try await run(checks(.fail))
        #expect(failed.exitCode == .badData && failed.result.failure?.reason == reason)
        #expect(failed.result.model == nil && failed.result.dataChecks?.objection != nil)
    }

    @Test("duplicates are left out under Skip, although no model could be trained on them")
    func duplicates() async throws {
        var rows = Workspace.rows(600)
        rows.insert(rows[10], at: 10)
        let skipped = try await run(DataChecksSpec(), rows: rows)
        #expect(skipped.result.dataChecks?.valid?.message.contains("1 timestamp(s) are there twice") == true)
        let trained = try await run(DataChecksSpec(policy: .train), rows: rows)
        #expect(trained.result.failure?.reason == .badData)
    }

    @Test("a gap that preprocess.missing would refuse is left out first")
    func gap() async throws {
        var rows = Workspace.rows(600)
        rows.removeSubrange(100..<105)
        let outcome = try await run(DataChecksSpec(maxGapSteps: 4), rows: rows, missing: .fail)
        #expect(outcome.result.dataChecks?.valid?.message.contains("no value for 5 steps") == true)
    }

    @Test("the longest findings fit a termination message")
    func longest() throws {
        let long = String(repeating: "\u{1}", count: 5_000)
        var result = StepResult(step: "prepare")
        let finding = DataCheckResult.Finding(holds: false, reason: "OutOfRange", message: long)
        result.dataChecks = DataCheckResult(fresh: finding, valid: finding)
        result.skipped = true
        #expect(try result.encoded().count <= StepResult.maximumBytes)
        result.skipped = nil
        result.failure = result.dataChecks?.objection
        #expect(try result.encoded().count <= StepResult.maximumBytes)
    }
}
