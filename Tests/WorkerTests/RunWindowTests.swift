// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Forecasting
import Foundation
import KubeCore
import Testing
import WorkerTestSupport

@testable import Worker

@Suite("The window of a run's data")
struct RunWindowTests {
    private static func request(
        _ window: DataWindowSpec?,
        frequency: String = "1h",
        due: String = "2026-11-21T12:17:33Z",
        scheduled: String? = nil
    ) throws -> StepRequest {
        var request = try Workspace().request([.prepare]) {
            $0.source.window = window
            $0.series.frequency = frequency
        }
        request.createdTime = try #require(KubeTime.parse(due))
        request.scheduledTime = scheduled.flatMap(KubeTime.parse)
        return request
    }

    @Test(
        "reaches back from the last whole step before the run, in the calendar where its unit is one of it",
        arguments: [
            ("1h", "90d", "from 2026-08-23T12:00:00Z to before 2026-11-21T12:00:00Z"),
            ("10min", "1h", "from 2026-11-21T11:10:00Z to before 2026-11-21T12:10:00Z"),
            ("1d", "2w", "from 2026-11-07T00:00:00Z to before 2026-11-21T00:00:00Z"),
            ("1mo", "1y", "from 2025-11-01T00:00:00Z to before 2026-11-01T00:00:00Z"),
            ("3mo", "6mo", "from 2026-04-01T00:00:00Z to before 2026-10-01T00:00:00Z"),
        ]
    )
    func lookback(_ frequency: String, _ period: String, _ expected: String) throws {
        let request = try Self.request(DataWindowSpec(lookbackPeriod: period), frequency: frequency)
        #expect(try RunWindow(request)?.description == expected)
    }

    @Test("is that of the scheduled instant, however late the run starts")
    func scheduled() throws {
        let window = DataWindowSpec(lookbackPeriod: "12h")
        let late = try Self.request(window, due: "2026-11-21T15:03:00Z", scheduled: "2026-11-21T12:00:00Z")
        #expect(try RunWindow(late)?.description == "from 2026-11-21T00:00:00Z to before 2026-11-21T12:00:00Z")
    }

    @Test("has the ends that are given, or the run's time in place of the second")
    func ends() throws {
        let (from, to) = (KubeTime.parse("2026-01-01T00:30:00Z"), KubeTime.parse("2026-02-01T00:00:00Z"))
        let both = try RunWindow(Self.request(DataWindowSpec(from: from, to: to)))
        #expect(both?.description == "from 2026-01-01T00:30:00Z to before 2026-02-01T00:00:00Z")
        let open = try RunWindow(Self.request(DataWindowSpec(from: from)))
        #expect(open?.description == "from 2026-01-01T00:30:00Z to before 2026-11-21T12:00:00Z")
        #expect(try RunWindow(Self.request(nil)) == nil)
        let future = try Self.request(DataWindowSpec(from: KubeTime.parse("2027-01-01T00:00:00Z")))
        #expect(throws: WorkerError.self) { try RunWindow(future) }
    }

    @Test("keeps the rows within, in their order, and says when there is none")
    func rows() throws {
        let window = try #require(
            try RunWindow(Self.request(DataWindowSpec(lookbackPeriod: "2h"), due: "1970-01-01T03:00:00Z"))
        )
        let frame = try TimeSeriesFrame(
            timestamps: [10_800, 3_599, 7_200, 3_600],
            names: ["v"],
            columns: [[4, 1, 3, 2]]
        )
        let labels = SeriesRows.Labels(
            groupBy: ["store"],
            keys: [SeriesKey(["a"]), SeriesKey(["b"])],
            codes: [1, 0, 0, 1]
        )
        let labelled = try window.rows(of: SeriesRows(frame, labels: labels), from: "data.csv")
        #expect(labelled.labels?.codes == [0, 1] && labelled.labels?.keys == labels.keys)
        let kept = try window.rows(of: SeriesRows(frame), from: "data.csv").frame
        #expect(kept.timestamps == [7_200, 3_600] && kept.columns == [[3, 2]])
        let error = #expect(throws: ConnectorError.self) {
            try window.rows(of: SeriesRows(frame.rows(0..<1)), from: "data.csv")
        }
        #expect(
            error?.description == "data.csv has no data for this: no row lies from 1970-01-01T01:00:00Z to before "
                + "1970-01-01T03:00:00Z"
        )
    }

    @Test("drops rows of a file that lie outside")
    func file() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let window = DataWindowSpec(
            from: Date(timeIntervalSince1970: 1_704_067_200 + 3_600 * 100),
            to: Date(timeIntervalSince1970: 1_704_067_200 + 3_600 * 500)
        )
        let outcome = await StepRunner(transport: ScriptedTransport())
            .run(workspace.request([.prepare]) { $0.source.window = window })
        #expect(outcome.result.dataset?.rows == 400)
        #expect(outcome.result.dataset?.from == window.from)
    }
}
