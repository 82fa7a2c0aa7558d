// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import PrometheusMetrics

@Suite("ProcessMetrics")
struct ProcessMetricsTests {
    private let sample =
        "42 (a (odd) name) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 4 0 777 104857600 2560 18446744073709551615"

    @Test("a program's name with blanks and parentheses does not shift the fields")
    func oddName() throws {
        let usage = try #require(ProcessUsage(stat: sample))
        #expect(usage.cpuTicks == 200)
        #expect(usage.startTicks == 777)
        #expect(usage.virtualBytes == 104_857_600)
        #expect(usage.residentPages == 2560)
    }

    @Test("this process has memory, a start time and open files")
    func live() throws {
        let registry = MetricsRegistry()
        ProcessMetrics.register(in: registry)
        let text = registry.render()
        for name in ["process_resident_memory_bytes", "process_start_time_seconds", "process_open_fds"] {
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name + " ") })
            #expect(try #require(Double(line.dropFirst(name.count + 1))) > 0)
        }
    }

    @Test("damaged text never traps")
    func fuzz() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2_000 {
            var bytes = Array(sample.utf8)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let text = String(decoding: bytes.prefix(Int.random(in: 0...bytes.count, using: &random)), as: UTF8.self)
            _ = ProcessUsage(stat: text)
            _ = ProcessMetrics.bootTime(stat: "btime " + text)
        }
    }
}
