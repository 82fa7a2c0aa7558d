// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import CLI

@Suite("A chart")
struct ChartTests {
    private static let chart: ForecastChart = {
        func point(_ hour: Int) -> ForecastChart.Point {
            let time = Date(timeIntervalSince1970: 1_538_265_600 + Double(hour) * 3_600)
            return ForecastChart.Point(time: time, value: Double((hour * 37) % 24) * 100)
        }
        return ForecastChart(
            title: "demo <1>",
            series: "a & b",
            history: (0..<24).map(point),
            forecast: (24..<36).map(point)
        )
    }()

    private static func golden(_ name: String, _ text: String) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden/\(name)")
        let written = try? String(contentsOf: file, encoding: .utf8)
        if written == nil, ProcessInfo.processInfo.environment["ALMANAC_WRITE_GOLDEN"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(written == text, "\(file.path) differs; delete it and run with ALMANAC_WRITE_GOLDEN=1 to write it anew")
    }

    @Test("is drawn with characters", arguments: [40, 80, 120])
    func terminal(width: Int) throws {
        let text = TerminalChart(chart: Self.chart, width: width).text
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= width })
        try Self.golden("chart-\(width).txt", text)
    }

    @Test("has colours only where they are asked for")
    func colours() {
        let coloured = TerminalChart(chart: Self.chart, style: TerminalStyle(isColoured: true)).text
        #expect(coloured.contains("\u{1B}["))
        #expect(!TerminalChart(chart: Self.chart).text.contains("\u{1B}"))
    }

    @Test("is the same SVG each time, with its texts escaped")
    func svg() throws {
        let text = SVGChart(chart: Self.chart).text
        #expect(text.contains("demo &lt;1&gt;"))
        #expect(text.contains("a &amp; b"))
        try Self.golden("chart.svg", text)
    }

    @Test(
        "is drawn of any values, even none",
        arguments: [[], [1.0], [5, 5, 5], [-1e308, 1e308], [.nan, 1, .infinity, 2], [1e-300, 0]]
    )
    func oddValues(values: [Double]) {
        let points = values.enumerated().map { index, value in
            ForecastChart.Point(time: Date(timeIntervalSince1970: Double(index) * 3_600), value: value)
        }
        let chart = ForecastChart(title: "odd", series: "x", history: points, forecast: [])
        #expect(!TerminalChart(chart: chart, width: 5).text.isEmpty)
        #expect(SVGChart(chart: chart).text.hasSuffix("</svg>\n"))
    }

    @Test("has round numbers on its vertical axis")
    func valueAxis() {
        let axis = ValueAxis(13...7_260, marks: 6)
        #expect(axis.marks == [0, 2_000, 4_000, 6_000, 8_000])
        #expect(axis.marks.map(axis.label) == ["0", "2,000", "4,000", "6,000", "8,000"])
        let small = ValueAxis(-0.12...0.31, marks: 6)
        #expect(small.marks.map(small.label) == ["-0.2", "-0.1", "0.0", "0.1", "0.2", "0.3", "0.4"])
    }
}
