// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Draws a chart as an SVG document: the same chart gives the same bytes.
struct SVGChart {
    /// What is drawn.
    let chart: ForecastChart

    private static let width = 960.0
    private static let height = 440.0
    private static let left = 84.0
    private static let right = 936.0
    private static let top = 92.0
    private static let bottom = 384.0

    /// The document.
    var text: String {
        let axis = ValueAxis(chart.values, marks: 6)
        guard let times = chart.times else { return document([text("title", 24, 36, chart.title)]) }
        let timeAxis = TimeAxis(times, marks: 9)
        return document(
            heading + forecastArea(timeAxis) + bands(axis, timeAxis) + valueMarks(axis) + timeMarks(timeAxis)
                + [
                    line("history", chart.history, axis, timeAxis),
                    line("forecast", chart.forecastLine, axis, timeAxis),
                ]
        )
    }

    private var heading: [String] {
        let end = chart.history.last.map { "; measured up to \(TimeAxis.full($0.time)) UTC" } ?? ""
        let levels = chart.levels
        let bands =
            levels.isEmpty
            ? []
            : ["<rect class=\"band\" x=\"574\" y=\"49\" width=\"24\" height=\"14\"/>", text("label", 604, 60, levels)]
        return bands + [
            text("title", 24, 36, chart.title),
            text("label", 24, 60, chart.series + end),
            "<path class=\"history\" d=\"M752 56h24\"/>",
            text("label", 782, 60, "history"),
            "<path class=\"forecast\" d=\"M844 56h24\"/>",
            text("label", 874, 60, "forecast"),
        ]
    }

    private func forecastArea(_ axis: TimeAxis) -> [String] {
        guard let now = chart.history.last?.time else { return [] }
        let x = x(now, axis)
        return [
            "<rect class=\"ahead\" x=\"\(number(x))\" y=\"\(number(Self.top))\" width=\"\(number(Self.right - x))\""
                + " height=\"\(number(Self.bottom - Self.top))\"/>"
        ]
    }

    private func bands(_ axis: ValueAxis, _ time: TimeAxis) -> [String] {
        chart.bands.map { band in line("band", band.lower + band.upper.reversed(), axis, time) }
    }

    private func valueMarks(_ axis: ValueAxis) -> [String] {
        axis.marks.flatMap { mark in
            let y = y(mark, axis)
            return [
                "<path class=\"grid\" d=\"M\(number(Self.left)) \(number(y))H\(number(Self.right))\"/>",
                text("label end", Self.left - 10, y + 4, axis.label(mark)),
            ]
        }
    }

    private func timeMarks(_ axis: TimeAxis) -> [String] {
        let marks = axis.marks.flatMap { mark in
            let x = x(mark, axis)
            return [
                "<path class=\"axis\" d=\"M\(number(x)) \(number(Self.bottom))v6\"/>",
                text("label middle", x, Self.bottom + 24, axis.label(mark)),
            ]
        }
        return marks + [
            "<path class=\"axis\" d=\"M\(number(Self.left)) \(number(Self.bottom))H\(number(Self.right))\"/>",
            text("label middle", (Self.left + Self.right) / 2, Self.bottom + 46, "time (UTC)"),
        ]
    }

    private func line(_ style: String, _ points: [ForecastChart.Point], _ axis: ValueAxis, _ time: TimeAxis) -> String {
        let places = points.map { "\(number(x($0.time, time))) \(number(y($0.value, axis)))" }
        return "<path class=\"\(style)\" d=\"M\(places.joined(separator: "L"))\"/>"
    }

    private func x(_ time: Date, _ axis: TimeAxis) -> Double {
        Self.left + axis.position(time) * (Self.right - Self.left)
    }

    private func y(_ value: Double, _ axis: ValueAxis) -> Double {
        Self.bottom - axis.position(value) * (Self.bottom - Self.top)
    }

    /// Tenths of a pixel are finer than any screen and keep the file small.
    private func number(_ value: Double) -> String {
        let text = String(format: "%.1f", value)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private func text(_ style: String, _ x: Double, _ y: Double, _ content: String) -> String {
        "<text class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\">\(escape(content))</text>"
    }

    private func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private func document(_ elements: [String]) -> String {
        let size = "\(number(Self.width)) \(number(Self.height))"
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" role="img">
            <title>\(escape(chart.title))</title>
            <style>
            \(Self.style)
            </style>
            <rect class="paper" width="100%" height="100%"/>
            \(elements.joined(separator: "\n"))
            </svg>

            """
    }

    private static let style = """
        text { font-family: system-ui, "Helvetica Neue", "DejaVu Sans", sans-serif; font-size: 13px }
        path { fill: none; stroke-linejoin: round; stroke-linecap: round }
        .title { font-size: 18px; font-weight: 600; fill: #1a202c }
        .label { fill: #5a6577 }
        .end { text-anchor: end }
        .middle { text-anchor: middle }
        .paper { fill: #ffffff }
        .grid { stroke: #e5e9f0 }
        .axis { stroke: #8a94a6 }
        .ahead { fill: #e8590c; fill-opacity: 0.07 }
        .band { fill: #e8590c; fill-opacity: 0.16 }
        .history { stroke: #33658a; stroke-width: 1.8 }
        .forecast { stroke: #e8590c; stroke-width: 2.4 }
        @media (prefers-color-scheme: dark) {
        .title { fill: #edf2f7 }
        .label { fill: #a9b4c4 }
        .paper { fill: #14181f }
        .grid { stroke: #2a313c }
        .axis { stroke: #6b7686 }
        .history { stroke: #7cc0ea }
        .forecast { stroke: #ff9f5a }
        }
        """
}
