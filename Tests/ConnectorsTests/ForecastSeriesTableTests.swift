// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Connectors

@Suite("A forecast of several series as a file")
struct ForecastSeriesTableTests {
    @Test("several series stand below each other, each row with what tells its series apart")
    func series() throws {
        var table = ForecastTableTests.table
        table.labels = [.init(name: "store", values: ["north", "north", "a,b"])]
        table.steps = [1, 2, 1]
        table.targets = [.init(name: "sold", values: [1, 2, 3])]
        let text = String(decoding: try ForecastFormat.csv.encoded(table, for: ""), as: UTF8.self)
        #expect(
            text == """
                store,time,issued,step,sold,pipeline,version
                north,2026-11-21T04:00:00Z,2026-11-21T03:00:00Z,1,1.0,load,20261121-034500
                north,2026-11-21T05:00:00Z,2026-11-21T03:00:00Z,2,2.0,load,20261121-034500
                "a,b",2026-11-21T06:00:00Z,2026-11-21T03:00:00Z,1,3.0,load,20261121-034500

                """
        )
        table.labels[0].values.removeLast()
        let error = #expect(throws: ConnectorError.self) { try ForecastFormat.parquet.encoded(table, for: "f") }
        #expect(error?.description.contains("column 'store' has 2 values for 3 rows") == true)
    }
}
