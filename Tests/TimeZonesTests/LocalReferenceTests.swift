// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import TimeZones

@Suite("pandas agrees on local times")
struct LocalReferenceTests {
    @Test("of random series, with and without gaps, round the days on which clocks are put back")
    func sample() throws {
        let seed = Int.random(in: 0..<1_000_000_000)
        guard let answer = Self.ask(seed) else {
            print("skip: no Python with pandas ('make setup' brings it)")
            return
        }
        var (compared, refused) = (0, 0)
        for line in answer.split(separator: "\n") {
            let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            try #require(parts.count == 4)
            let local = parts[2].split(separator: " ").compactMap { Int64($0) }
            guard parts[3] != "refused" else {
                refused += 1
                continue
            }
            var times = local
            let zone = try ZoneDatabase.ofThisMachine.zone(parts[0])
            try? LocalTimeline(zone: zone, step: try #require(Int(parts[1]))).resolve(&times, series: nil, count: 1)
            #expect(times == parts[3].split(separator: " ").compactMap { Int64($0) }, "seed \(seed): \(line)")
            compared += 1
        }
        #expect(compared > 300 && refused < compared)
    }

    /// What `localize.py` prints; nil where no Python has pandas.
    private static func ask(_ seed: Int) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Reference/localize.py")
        for python in ["\(cache)/almanac/venv/bin/python3", "/usr/bin/python3"] {
            let process = Process()
            let pipe = Pipe()
            process.executableURL = URL(filePath: python)
            process.arguments = [script.path, "\(seed)"]
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil, let data = try? pipe.fileHandleForReading.readToEnd() else { continue }
            process.waitUntilExit()
            if process.terminationStatus == 0 { return String(decoding: data, as: UTF8.self) }
        }
        return nil
    }
}
