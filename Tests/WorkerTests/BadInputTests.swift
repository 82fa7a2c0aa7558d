// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import Testing
import WorkerTestSupport

@testable import Worker

/// One bad input and what a user is told of it.
struct BadInput: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var rows: @Sendable ([String]) -> [String] = { $0 }
    var header = "time,value,other,note"
    var spec: @Sendable (inout ForecastPipelineSpec) -> Void = { _ in }
    var transport = ScriptedTransport()
    var reason: Reason
    var exitCode: WorkerExitCode
    var says: [String]

    /// The clock of Amsterdam on 29 October 2023, from 23:00 the day before: two is struck twice.
    static func localAutumn(minutes: Int) -> [String] {
        stride(from: -60, to: 240, by: minutes).map { minute in
            let shown = Date(timeIntervalSince1970: 1_698_537_600 + Double(minute < 180 ? minute : minute - 60) * 60)
            return "\(shown.formatted(.iso8601).dropLast()),1,0,"
        }
    }

    /// Rows whose times say nothing of a zone.
    static func local(_ rows: [String]) -> [String] { rows.map { $0.replacing("Z,", with: ",") } }

    static let all: [BadInput] = [
        BadInput(
            testDescription: "a column that is not there",
            spec: { $0.series.targets = ["volume"] },
            reason: .badData,
            exitCode: .badData,
            says: ["volume", "data.csv"]
        ),
        BadInput(
            testDescription: "text in a numeric cell",
            rows: { $0.replacing(10, "2024-01-01T10:00:00Z,many,0,") },
            reason: .badData,
            exitCode: .badData,
            says: ["line 12", "value", "many"]
        ),
        BadInput(
            testDescription: "unsorted rows",
            rows: { $0.replacing(20, $0[5]) },
            reason: .badData,
            exitCode: .badData,
            says: ["row 21", "sort the rows"]
        ),
        BadInput(
            testDescription: "a timestamp that is there twice",
            rows: { $0.replacing(20, $0[19]) },
            reason: .badData,
            exitCode: .badData,
            says: ["row 21", "twice"]
        ),
        BadInput(
            testDescription: "local times of every hour where clocks go back",
            rows: { BadInput.localAutumn(minutes: 60) + BadInput.local($0) },
            reason: .badData,
            exitCode: .badData,
            says: ["row 5", "2023-10-29T02:00:00Z is there twice", "UTC offset", "clocks go back"]
        ),
        BadInput(
            testDescription: "local times of every 10 minutes where clocks go back",
            rows: { BadInput.localAutumn(minutes: 10) + BadInput.local($0) },
            spec: { $0.series.frequency = "10min" },
            reason: .badData,
            exitCode: .badData,
            says: ["row 25", "2023-10-29T02:00:00Z comes after 2023-10-29T02:50:00Z", "UTC offset"]
        ),
        BadInput(
            testDescription: "a local time of the hour that clocks skip",
            rows: { ["2024-03-31T01:00:00,1,0,", "2024-03-31T03:00:00,1,0,"] + BadInput.local($0) },
            reason: .badData,
            exitCode: .badData,
            says: ["row 2", "1 row(s) of 1h are missing between 2024-03-31T01:00:00Z and 2024-03-31T03:00:00Z"]
        ),
        BadInput(
            testDescription: "times with a UTC offset beside times without",
            rows: { $0.replacing(10, "2024-01-01T10:00:00,1,0,") },
            reason: .badData,
            exitCode: .badData,
            says: ["line 12", "time", "UTC offset"]
        ),
        BadInput(
            testDescription: "the page of a proxy in place of CSV",
            rows: { _ in ["<title>Sign in</title>"] },
            header: "<!DOCTYPE html>",
            reason: .badData,
            exitCode: .badData,
            says: ["there is no column 'time'", "<!DOCTYPE html>"]
        ),
        BadInput(
            testDescription: "two columns of one name",
            header: "time,value,value,note",
            reason: .badData,
            exitCode: .badData,
            says: ["column 'value'", "fields 2 and 3 have the same name"]
        ),
        BadInput(
            testDescription: "a gap",
            rows: { Array($0[..<50] + $0[53...]) },
            reason: .badData,
            exitCode: .badData,
            says: ["row 51", "3 row(s)", "preprocess.missing"]
        ),
        BadInput(
            testDescription: "an empty cell",
            rows: { $0.replacing(10, "2024-01-01T10:00:00Z,,0,") },
            reason: .badData,
            exitCode: .badData,
            says: ["row 11", "value", "preprocess.missing"]
        ),
        BadInput(
            testDescription: "offsets that mix and make the hours overlap",
            rows: { $0.replacing(20, $0[20].replacing("Z", with: "+02:00")) },
            reason: .badData,
            exitCode: .badData,
            says: ["row 21"]
        ),
        BadInput(
            testDescription: "too few rows for a window",
            rows: { Array($0[..<40]) },
            reason: .badData,
            exitCode: .badData,
            says: ["the train part", "28 rows", "60"]
        ),
        BadInput(
            testDescription: "too few rows for a test window",
            rows: { Array($0[..<100]) },
            spec: { $0.split = SplitSpec(train: 0.8, validation: 0.15) },
            reason: .badData,
            exitCode: .badData,
            says: ["lookback 48", "horizon 12"]
        ),
        BadInput(
            testDescription: "a header without rows",
            rows: { _ in [] },
            reason: .badData,
            exitCode: .badData,
            says: ["data.csv", "no row of data"]
        ),
        BadInput(
            testDescription: "an empty file",
            rows: { _ in [] },
            header: "",
            reason: .badData,
            exitCode: .badData,
            says: ["data.csv"]
        ),
        BadInput(
            testDescription: "a file that is not there",
            spec: { $0.source.csv?.path = "nowhere.csv" },
            reason: .sourceUnreachable,
            exitCode: .badSpecification,
            says: ["nowhere.csv"]
        ),
        BadInput(
            testDescription: "a URL that answers 404",
            spec: { $0.source.csv = CSVSourceSpec(url: "http://data.example/x.csv") },
            transport: ScriptedTransport(status: 404),
            reason: .sourceUnreachable,
            exitCode: .badSpecification,
            says: ["http://data.example/x.csv", "404"]
        ),
        BadInput(
            testDescription: "a URL that answers 503",
            spec: { $0.source.csv = CSVSourceSpec(url: "http://data.example/x.csv") },
            transport: ScriptedTransport(status: 503),
            reason: .sourceUnreachable,
            exitCode: .unreachable,
            says: ["http://data.example/x.csv", "503"]
        ),
        BadInput(
            testDescription: "a server that cannot be reached",
            spec: { $0.source.csv = CSVSourceSpec(url: "http://data.example/x.csv") },
            transport: ScriptedTransport(error: .cannotConnect(url: "http://data.example/x.csv", reason: "refused")),
            reason: .sourceUnreachable,
            exitCode: .unreachable,
            says: ["http://data.example/x.csv", "refused"]
        ),
        BadInput(
            testDescription: "horizon 0",
            spec: { $0.model.horizon = 0 },
            reason: .invalidSpec,
            exitCode: .badSpecification,
            says: ["spec.model.horizon", "is 0"]
        ),
        BadInput(
            testDescription: "a season longer than the lookback of a seasonal naive model",
            spec: { $0.model = ModelSpec(lookback: 12, horizon: 6, seasonalNaive: SeasonalNaiveSpec()) },
            reason: .invalidSpec,
            exitCode: .badSpecification,
            says: ["spec.model.lookback", "24 rows"]
        ),
        BadInput(
            testDescription: "a timestamp format that is none",
            spec: { $0.series.timestampFormat = "yyyy" },
            reason: .invalidSpec,
            exitCode: .badSpecification,
            says: ["yyyy"]
        ),
    ]
}

extension [String] {
    fileprivate func replacing(_ index: Int, _ row: String) -> [String] {
        var rows = self
        rows[index] = row
        return rows
    }
}

@Suite("Bad input")
struct BadInputTests {
    @Test("is named in reason, message and exit code", arguments: BadInput.all)
    func named(_ input: BadInput) async throws {
        let workspace = try Workspace()
        try workspace.write(input.rows(Workspace.rows(600)), header: input.header)
        let runner = StepRunner(transport: input.transport)
        let outcome = await runner.run(workspace.request([.prepare, .train], input.spec))
        let failure = try #require(outcome.result.failure)
        #expect(failure.reason == input.reason, "\(failure.message)")
        #expect(outcome.exitCode == input.exitCode, "\(failure.message)")
        for part in input.says { #expect(failure.message.contains(part), "'\(part)' in: \(failure.message)") }
    }

    @Test("of a column that is not asked for does no harm")
    func otherColumns() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let outcome = await StepRunner(transport: ScriptedTransport()).run(workspace.request([.prepare]))
        #expect(outcome.exitCode == .success)
    }

    @Test("that a policy can repair is repaired", arguments: [PreprocessSpec.MissingPolicy.forwardFill, .interpolate])
    func repaired(_ policy: PreprocessSpec.MissingPolicy) async throws {
        let workspace = try Workspace()
        var rows = Workspace.rows(600)
        rows.removeSubrange(50..<53)
        try workspace.write(rows)
        let request = workspace.request([.prepare]) { $0.preprocess = PreprocessSpec(missing: policy) }
        let outcome = await StepRunner(transport: ScriptedTransport()).run(request)
        #expect(outcome.result.dataset?.rows == 600)
    }
}
