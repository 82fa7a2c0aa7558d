// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation

/// Draws a chart with characters.
struct TerminalChart {
    /// What is drawn.
    let chart: ForecastChart
    /// Characters across, axis included; at least 30 are used.
    var width = 80
    /// Characters down for the lines themselves.
    var height = 14
    /// Whether colours are used; without them the dotted line tells history and forecast apart.
    var style = TerminalStyle.plain

    private static let historyLayer = 1
    private static let forecastLayer = 2

    /// The chart, each line ended.
    var text: String {
        guard let times = chart.times else { return "\(chart.title): too few values to draw\n" }
        let axis = ValueAxis(chart.values, marks: max(3, height / 2))
        let labelWidth = axis.marks.map { axis.label($0).count }.max() ?? 1
        let columns = max(30, width) - labelWidth - 2
        let timeAxis = TimeAxis(times, marks: columns / 10)
        var lines = [style.bold(chart.title), legend]
        lines += body(axis, timeAxis, labelWidth: labelWidth, columns: columns)
        lines += footer(timeAxis, indent: labelWidth + 1, columns: columns)
        return lines.map { $0 + "\n" }.joined()
    }

    private var legend: String {
        let band = chart.bands.last.map { "   \(style.faint("░░ \(Significant.text($0.level)) %"))" } ?? ""
        return "\(chart.series)   \(style.history("⠤⠤ history"))   \(style.faint("┊"))   "
            + style.forecast("⠤⠤ forecast") + band
    }

    private func body(_ axis: ValueAxis, _ timeAxis: TimeAxis, labelWidth: Int, columns: Int) -> [String] {
        var canvas = BrailleCanvas(columns: columns, rows: height)
        draw(chart.history, layer: Self.historyLayer, axis, timeAxis, on: &canvas)
        draw(chart.forecastLine, layer: Self.forecastLayer, axis, timeAxis, on: &canvas)
        let band = bandRows(axis, timeAxis, columns: columns)
        let now = chart.history.last.map { Int((timeAxis.position($0.time) * Double(columns - 1)).rounded()) }
        var labels: [Int: String] = [:]
        for mark in axis.marks {
            labels[Int(((1 - axis.position(mark)) * Double(height - 1)).rounded())] = axis.label(mark)
        }
        return (0..<height).map { row in
            let label = labels[row] ?? ""
            let margin = String(repeating: " ", count: labelWidth - label.count) + label
            let cells = (0..<columns).map { column in
                cell(canvas, column, row, isNow: column == now, isBand: band[column].contains(row))
            }.joined()
            return style.faint(margin + (labels[row] == nil ? " │" : " ┤")) + cells.trimmedAtEnd
        }
    }

    private func cell(_ canvas: BrailleCanvas, _ column: Int, _ row: Int, isNow: Bool, isBand: Bool) -> String {
        guard let (character, layer) = canvas.character(column: column, row: row) else {
            return isNow ? style.faint("┊") : isBand ? style.faint("░") : " "
        }
        return layer == Self.forecastLayer ? style.forecast(String(character)) : style.history(String(character))
    }

    /// By column, the rows that the narrowest interval covers there.
    private func bandRows(_ axis: ValueAxis, _ time: TimeAxis, columns: Int) -> [Range<Int>] {
        var rows = [Range<Int>](repeating: 0..<0, count: columns)
        guard let band = chart.bands.last else { return rows }
        func row(_ value: Double) -> Int { Int(((1 - axis.position(value)) * Double(height - 1)).rounded()) }
        let places = band.lower.map { Int((time.position($0.time) * Double(columns - 1)).rounded()) }
        for column in rows.indices {
            // The last point at or before the column: steps, for a cell is wider than what lies between two points.
            guard let index = places.lastIndex(where: { $0 <= column }) else { continue }
            let (one, other) = (row(band.lower[index].value), row(band.upper[index].value))
            rows[column] = min(one, other)..<(max(one, other) + 1)
        }
        return rows
    }

    private func draw(
        _ points: [ForecastChart.Point],
        layer: Int,
        _ axis: ValueAxis,
        _ timeAxis: TimeAxis,
        on canvas: inout BrailleCanvas
    ) {
        let places = points.map { (x: timeAxis.position($0.time), y: 1 - axis.position($0.value)) }
        for (start, end) in zip(places, places.dropFirst()) { canvas.line(from: start, to: end, layer: layer) }
    }

    private func footer(_ axis: TimeAxis, indent: Int, columns: Int) -> [String] {
        var rule = Array(repeating: Character("─"), count: columns)
        var labels = Array(repeating: Character(" "), count: columns + indent + 1)
        var free = 0
        for mark in axis.marks {
            let column = Int((axis.position(mark) * Double(columns - 1)).rounded())
            let label = Array(axis.label(mark))
            let start = min(max(0, indent + 1 + column - label.count / 2), labels.count - label.count)
            guard start >= free else { continue }
            rule[column] = "┬"
            labels.replaceSubrange(start..<(start + label.count), with: label)
            free = start + label.count + 1
        }
        let margin = String(repeating: " ", count: indent)
        return [style.faint(margin + "└" + String(rule)), style.faint(String(labels).trimmedAtEnd)]
    }
}

extension String {
    fileprivate var trimmedAtEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
