// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A figure of both sides.
struct ComparisonRow {
    let setting: BenchSetting
    let work: BenchSetting.Work
    var ours = LeastTime.never
    var theirs: LeastTime?

    /// Begins a table in Markdown: times of the clock, with those of the processors in brackets.
    static func printHeader() {
        Swift.print("\n| work | PyTorch, ms | Almanac, ms | faster | by processor time | to reach |")
        Swift.print("|---|---|---|---|---|---|")
    }

    /// Prints the row as soon as it is measured, in a file too.
    func print() {
        Swift.print(line)
        fflush(nil)
    }

    private var line: String {
        func times(_ time: LeastTime) -> String { String(format: "%.3g (%.3g)", time.wall, time.processor) }
        func ratio(_ part: KeyPath<LeastTime, Double>) -> String {
            theirs.map { String(format: "%.1f x", $0[keyPath: part] / ours[keyPath: part]) } ?? ""
        }
        let cells = [
            "\(setting.name), \(work.title)", theirs.map(times) ?? "", times(ours), ratio(\.wall), ratio(\.processor),
            String(format: "%g x", work.goal),
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }
}
