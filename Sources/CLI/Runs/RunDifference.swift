// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore

/// What two runs have not in common: their parameters, their data, and what came of them.
struct RunDifference: Encodable, Equatable {
    /// One value of each run; nil where a run has none.
    struct Pair: Encodable, Equatable {
        let name: String
        let first: String?
        let second: String?
    }

    /// One metric of each run.
    struct Metric: Encodable, Equatable {
        let name: String
        let first: Double?
        let second: Double?
        /// By how much the second is above the first, in percent of the first.
        let changePercent: Double?
        /// The same in points, for what is counted of a hundred; nil for anything else.
        var changePoints: Double?
        /// Whether the second is better; nil where they are equally good or cannot be compared.
        let isBetter: Bool?
    }

    let runs: [String]
    /// Fields of the templates that differ, with defaults filled in.
    let parameters: [Pair]
    /// Facts of the data sets that differ.
    let data: [Pair]
    let metrics: [Metric]
    /// Gate, version and state, also where they are equal.
    let outcome: [Pair]

    /// Compares the second run with the first.
    init(_ first: ForecastRun, _ second: ForecastRun) throws {
        runs = [first.metadata.name, second.metadata.name]
        parameters = Self.changed(try Self.fields(first), try Self.fields(second))
        data = Self.changed(Self.facts(first.status?.dataset), Self.facts(second.status?.dataset))
        let (left, right) = (first.status?.metrics, second.status?.metrics)
        metrics =
            MetricRow.all.compactMap { $0.compare(left, right) }
            + CoverageRow.all(left, right).map { $0.compare(left, right) }
        outcome = zip(Self.outcome(first), Self.outcome(second)).map {
            Pair(name: $0.field, first: $0.value.nonEmpty, second: $1.value.nonEmpty)
        }
    }

    /// Three tables, one below the other.
    func text(_ style: TerminalStyle) -> String {
        var rows = [[""] + runs]
        rows += parameters.map { [$0.name, $0.first ?? "-", $0.second ?? "-"] }
        if parameters.isEmpty { rows.append(["(no parameter differs)"]) }
        rows += [[""]] + data.map { [$0.name, $0.first ?? "-", $0.second ?? "-"] }
        if !data.isEmpty { rows.append([""]) }
        rows += metrics.map { metric in
            let values = [metric.first, metric.second].map { $0.map(Significant.text) ?? "-" }
            return [metric.name] + values + [Self.verdict(metric)]
        }
        rows += outcome.map { [$0.name, $0.first ?? "-", $0.second ?? "-"] }
        let lines = TextTable.text(rows).split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { Self.coloured(String($0), style) }.joined(separator: "\n")
    }

    private static func verdict(_ metric: Metric) -> String {
        guard let change = metric.changePercent ?? metric.changePoints else { return "" }
        let sign = change > 0 ? "+" : ""
        let word = metric.isBetter.map { $0 ? "better" : "worse" } ?? "equal"
        let unit = metric.changePercent == nil ? "points" : "%"
        return "\(sign)\(String(format: "%.2f", change)) \(unit)  \(word)"
    }

    /// Colours come last: they would count as characters of a column.
    private static func coloured(_ line: String, _ style: TerminalStyle) -> String {
        if line.hasSuffix("better") { return style.good(line) }
        return line.hasSuffix("worse") ? style.bad(line) : line
    }

    private static func fields(_ run: ForecastRun) throws -> [FlatFields.Field] {
        guard let template = run.template else {
            throw CLIError.emptyRun(name: run.metadata.name, reason: "was not taken up, so there is nothing to compare")
        }
        let data = try KubeJSON.encoder().encode(template.withDefaults().template)
        return FlatFields.of(try KubeJSON.decoder().decode(JSONValue.self, from: data))
    }

    private static func facts(_ dataset: DatasetStatus?) -> [FlatFields.Field] {
        guard let dataset else { return [] }
        let series = dataset.series.map { [FlatFields.Field(field: "data.series", value: String($0))] } ?? []
        return series + [
            FlatFields.Field(field: "data.rows", value: String(dataset.rows)),
            FlatFields.Field(field: "data.from", value: KubeTime.format(dataset.from)),
            FlatFields.Field(field: "data.to", value: KubeTime.format(dataset.to)),
            FlatFields.Field(field: "data.digest", value: String(dataset.digest.prefix(19))),
        ]
    }

    private static func outcome(_ run: ForecastRun) -> [FlatFields.Field] {
        [
            FlatFields.Field(field: "windows", value: run.status?.metrics.map { String($0.windows) } ?? ""),
            FlatFields.Field(field: "gate", value: run.status?.gate?.outcome.rawValue ?? ""),
            FlatFields.Field(field: "version", value: run.status?.model?.version ?? ""),
            FlatFields.Field(field: "state", value: RunState(run).word),
        ]
    }

    private static func changed(_ first: [FlatFields.Field], _ second: [FlatFields.Field]) -> [Pair] {
        let left = Dictionary(first.map { ($0.field, $0.value) }) { $1 }
        let right = Dictionary(second.map { ($0.field, $0.value) }) { $1 }
        // In the order of the first, then what only the second has.
        let names = first.map(\.field) + second.map(\.field).filter { left[$0] == nil }
        return names.filter { left[$0] != right[$0] }.map { Pair(name: $0, first: left[$0], second: right[$0]) }
    }
}

/// One metric as runs are compared by it.
struct MetricRow: Sendable {
    let name: String
    let isHigherBetter: Bool
    let value: @Sendable (ModelMetrics) -> Double?

    static let all = [
        MetricRow(name: "MAE", isHigherBetter: false) { $0.mae },
        MetricRow(name: "MSE", isHigherBetter: false) { $0.mse },
        MetricRow(name: "RMSE", isHigherBetter: false) { $0.rmse },
        MetricRow(name: "MASE", isHigherBetter: false) { $0.mase },
        MetricRow(name: "R2", isHigherBetter: true) { $0.r2 },
    ]

    /// The metric of two runs; nil where neither has it.
    func compare(_ first: ModelMetrics?, _ second: ModelMetrics?) -> RunDifference.Metric? {
        let (left, right) = (first.flatMap(value), second.flatMap(value))
        guard left != nil || right != nil else { return nil }
        var change: Double?
        var isBetter: Bool?
        if let left, let right {
            change = left == 0 ? nil : (right - left) / abs(left) * 100
            isBetter = left == right ? nil : (right > left) == isHigherBetter
        }
        return RunDifference.Metric(name: name, first: left, second: right, changePercent: change, isBetter: isBetter)
    }
}

/// How often the intervals of one level held, as runs are compared by it: the nearer to the level, the better.
struct CoverageRow: Sendable {
    let level: Double

    /// The levels of either run, ascending.
    static func all(_ first: ModelMetrics?, _ second: ModelMetrics?) -> [CoverageRow] {
        let levels = [first, second].flatMap { $0?.intervals ?? [] }.map(\.level)
        return Set(levels).sorted().map(CoverageRow.init)
    }

    /// The share of values that each run's interval held, of a hundred.
    func compare(_ first: ModelMetrics?, _ second: ModelMetrics?) -> RunDifference.Metric {
        let (left, right) = (held(first), held(second))
        var isBetter: Bool?
        var points: Double?
        if let left, let right {
            let (before, after) = (abs(left - level), abs(right - level))
            isBetter = before == after ? nil : after < before
            points = right - left
        }
        return RunDifference.Metric(
            name: "\(Significant.text(level)) % held",
            first: left,
            second: right,
            changePercent: nil,
            changePoints: points,
            isBetter: isBetter
        )
    }

    private func held(_ metrics: ModelMetrics?) -> Double? {
        metrics?.intervals?.first { $0.level == level }?.coverage
    }
}

/// A JSON object as one field a line.
enum FlatFields {
    /// A field by its path, with its value as JSON but for texts, which go without quotes.
    struct Field: Equatable {
        let field: String
        let value: String
    }

    /// The fields of a value, sorted by path; lists are values.
    static func of(_ value: JSONValue, at path: String = "") -> [Field] {
        guard case .object(let members) = value, !members.isEmpty else {
            return [Field(field: path, value: text(value))]
        }
        return members.sorted { $0.key < $1.key }.flatMap { name, member in
            of(member, at: path.isEmpty ? name : "\(path).\(name)")
        }
    }

    private static func text(_ value: JSONValue) -> String {
        if case .string(let text) = value { return text }
        if case .double(let number) = value { return Significant.text(number) }
        return (try? KubeJSON.encoder().encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
