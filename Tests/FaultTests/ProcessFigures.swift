// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CMalloc
import Foundation

/// What the process occupies over time.
struct ProcessFigures: CustomStringConvertible {
    private struct Sample {
        let hours: Double
        /// Memory that somebody holds, in MiB, as the C library counts it: what grows here grows for ever.
        let held: Double
        /// Memory that is not a file's, in MiB: also what lies free between what is held.
        let resident: Double
        let threads: Double
        let descriptors: Double
    }

    private var samples: [Sample] = []

    mutating func take(at time: Duration) {
        malloc_trim(0)
        let heap = mallinfo2()
        let status = FileManager.default.contents(atPath: "/proc/self/status") ?? Data()
        func number(_ name: String) -> Double {
            let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return Double(line?.filter(\.isNumber) ?? "") ?? 0
        }
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
        samples.append(
            Sample(
                hours: Double(time.components.seconds) / 3600,
                held: Double(heap.uordblks + heap.hblkhd) / 1_048_576,
                resident: number("RssAnon") / 1024,
                threads: number("Threads"),
                descriptors: Double(descriptors)
            )
        )
    }

    /// How much the memory that somebody holds grows, in MiB an hour, over the second half.
    var heldSlope: Double { slope(\.held) }

    private func slope(_ value: (Sample) -> Double) -> Double {
        let half = samples.suffix(max(2, samples.count / 2))
        let meanTime = half.map(\.hours).reduce(0, +) / Double(half.count)
        let mean = half.map(value).reduce(0, +) / Double(half.count)
        let variance = half.map { ($0.hours - meanTime) * ($0.hours - meanTime) }.reduce(0, +)
        guard variance > 0 else { return 0 }
        return half.map { ($0.hours - meanTime) * (value($0) - mean) }.reduce(0, +) / variance
    }

    var description: String {
        guard let last = samples.last, let first = samples.first else { return "no figures" }
        func change(_ name: String, _ value: (Sample) -> Double, _ unit: String = "") -> String {
            let growth = slope(value)
            let text = abs(growth) < 10 ? String(Double(Int(growth * 10)) / 10) : String(Int(growth))
            return "\(name) \(Int(value(first))) to \(Int(value(last)))\(unit), \(text)\(unit)/h"
        }
        return [
            change("held", \.held, " MiB"), change("resident", \.resident, " MiB"), change("threads", \.threads),
            change("descriptors", \.descriptors),
        ].joined(separator: "; ")
    }
}
