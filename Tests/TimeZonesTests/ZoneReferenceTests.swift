// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import TimeZones

@Suite("Python's zoneinfo agrees on the time zones")
struct ZoneReferenceTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Reference")
    private static let start = -2_208_988_800  // 1900
    private static let end = 4_102_444_800  // 2100

    /// FNV-1a with 64 bits, as in zones.py.
    private static func digest(_ text: String) -> String {
        let state = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    @Test("in all their changes from 1900 to 2100, where this machine's are of the same release")
    func changes() throws {
        let text = try String(contentsOf: Self.folder.appending(path: "zones.txt"), encoding: .utf8)
        let lines = text.split(separator: "\n")
        let release = lines[0].split(whereSeparator: { $0 == " " || $0 == "," })[2]
        guard let version = ZoneDatabase.ofThisMachine.version, version == release else {
            print(
                "skip: tzdata is \(ZoneDatabase.ofThisMachine.version ?? "of unknown version"), zones.txt is of \(release)"
            )
            return
        }
        #expect(lines.count > 400)
        for line in lines.dropFirst() {
            let words = line.split(separator: " ").map(String.init)
            let rules = try ZoneDatabase.ofThisMachine.zone(words[0]).rules
            var found = ["\(Self.start) \(rules.offset(at: Self.start));"]
            var instant = rules.change(after: Self.start)
            while instant <= Self.end {
                found.append("\(instant) \(rules.offset(at: instant));")
                instant = rules.change(after: instant)
            }
            #expect(["\(found.count - 1)", Self.digest(found.joined())] == Array(words[1...]), "\(words[0])")
        }
    }

    @Test("at random instants of all zones, whatever their release, where there is a python3 to ask")
    func sample() throws {
        let seed = Int.random(in: 0..<1_000_000_000)
        guard let answer = Self.ask(["\(Self.folder.path)/zones.py", "sample", "\(seed)"]) else {
            print("skip: no python3 with zoneinfo")
            return
        }
        var compared = 0
        for line in answer.split(separator: "\n") {
            let words = line.split(separator: " ")
            let rules = try ZoneDatabase.ofThisMachine.zone(String(words[0])).rules
            let wrong = words.dropFirst().filter { word in
                let parts = word.split(separator: ":").compactMap { Int($0) }
                return rules.offset(at: parts[0]) != parts[1]
            }
            #expect(wrong.isEmpty, "\(words[0]), seed \(seed)")
            compared += words.count - 1
        }
        #expect(compared > 100_000)
    }

    /// What a Python script prints; nil where it fails.
    private static func ask(_ arguments: [String]) -> String? {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil, let data = try? pipe.fileHandleForReading.readToEnd() else { return nil }
        process.waitUntilExit()
        return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
    }
}
