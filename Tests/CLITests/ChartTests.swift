// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
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

    private static let banded: ForecastChart = {
        var banded = chart
        func line(_ points: [ForecastChart.Point], _ offset: (Int) -> Double) -> [ForecastChart.Point] {
            points.enumerated().map { .init(time: $1.time, value: $1.value + offset($0)) }
        }
        let widths: [(level: Double, width: Double)] = [(95, 60), (80, 30)]
        banded.bands = widths.map { level, width in
            ForecastChart.Band(
                level: level,
                lower: line(chart.forecast) { -width * Double($0 + 5) },
                upper: line(chart.forecast) { width * Double($0 + 5) }
            )
        }
        return banded
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

    @Test("has the intervals as bands round the forecast, within its axis")
    func bands() throws {
        let text = TerminalChart(chart: Self.banded).text
        #expect(text.contains("░░ 80 %") && text.split(separator: "\n").allSatisfy { $0.count <= 80 })
        try Self.golden("chart-band.txt", text)
        let svg = SVGChart(chart: Self.banded).text
        #expect(svg.contains("80 %, 95 %"))
        try Self.golden("chart-band.svg", svg)
        let axis = ValueAxis(Self.banded.values, marks: 6)
        let edges = Self.banded.bands.flatMap { $0.lower + $0.upper }.map(\.value)
        #expect(edges.allSatisfy { axis.lower <= $0 && $0 <= axis.upper })
    }

    @Test("draws no band that is not whole, and one whose bounds have changed places")
    func oddBands() {
        let points = Self.chart.forecast
        func chart(_ lower: [ForecastChart.Point], _ upper: [ForecastChart.Point]) -> ForecastChart {
            let band = ForecastChart.Band(level: 80, lower: lower, upper: upper)
            return ForecastChart(title: "odd", series: "x", history: [], forecast: points, bands: [band])
        }
        #expect(chart(points, Array(points.dropLast())).bands.isEmpty && chart([], []).bands.isEmpty)
        let broken = points.map { ForecastChart.Point(time: $0.time, value: .nan) }
        #expect(chart(points, broken).bands.isEmpty)
        let high = points.map { ForecastChart.Point(time: $0.time, value: $0.value + 500) }
        #expect(TerminalChart(chart: chart(high, points)).text.contains("░"))
    }

    @Test("of a forecast has the first quantile and the last one as the widest band")
    func forecastFile() {
        let times = [0, 3_600].map { Date(timeIntervalSince1970: $0) }
        var file = ForecastFile(
            pipeline: "p",
            version: "v",
            frequency: "1h",
            targets: ["a"],
            series: [
                .init(
                    history: .init(times: [times[0]], values: ["a": [1]]),
                    forecast: .init(times: [times[1]], values: ["a": [2]])
                )
            ]
        )
        #expect(file.chart(of: file.first, ahead: [2]).bands.isEmpty)
        file.series[0].quantiles = zip([0.025, 0.1, 0.5, 0.9, 0.975], [0.0, 1, 2, 3, 4]).map {
            ForecastFile.Quantile(probability: $0, values: ["a": [$1]])
        }
        let chart = file.chart(of: file.first, ahead: [2])
        #expect(chart.levels == "80 %, 95 %")
        #expect(chart.bands.map { $0.lower[0].value } == [0, 1] && chart.bands.map { $0.upper[0].value } == [4, 3])
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
