// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Figures as they are measured, and as a table at the end.
final class Report: Sendable {
    private struct Row {
        var measure: String
        var value: String
        var compared: String
    }

    private let rows = Mutex<[Row]>([])

    /// Notes a figure, and what it is to be compared with.
    func note(_ measure: String, _ value: String, compared: String = "") {
        rows.withLock { $0.append(Row(measure: measure, value: value, compared: compared)) }
        print("  \(measure): \(value)\(compared.isEmpty ? "" : " (\(compared))")")
    }

    /// Prints all figures as a Markdown table.
    func printTable() {
        print("\n| measure | here | beside |\n|---|---|---|")
        for row in rows.withLock({ $0 }) { print("| \(row.measure) | \(row.value) | \(row.compared) |") }
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
    /// The duration in seconds with three digits.
    var text: String {
        let milliseconds = Int((seconds * 1_000).rounded())
        let fraction = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) s"
    }
}

extension [Duration] {
    /// The smallest value that at least this share of all does not exceed.
    func quantile(_ share: Double) -> Duration {
        guard !isEmpty else { return .zero }
        let index = Int((Double(count) * share).rounded(.up)) - 1
        return sorted()[Swift.min(count - 1, Swift.max(0, index))]
    }
}
