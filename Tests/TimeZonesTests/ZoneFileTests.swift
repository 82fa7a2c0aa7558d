// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import TimeZones

@Suite("A time zone's file")
struct ZoneFileTests {
    private static let summer = [
        TZifBytes.Change(instant: 1_000_000_000, kind: 1), TZifBytes.Change(instant: 1_010_000_000, kind: 2),
        TZifBytes.Change(instant: 1_020_000_000, kind: 1),
    ]

    private static func rules(_ file: TZifBytes) throws -> ZoneRules {
        try ZoneFile.rules(in: file.bytes, path: "here")
    }

    /// The offset before, and instants with the offsets from then on.
    private static func changes(_ rules: ZoneRules, after start: Int, count: Int) -> [[Int]] {
        var instant = start
        return (0..<count).map { _ in
            instant = rules.change(after: instant)
            return [instant, rules.offset(at: instant - 1), rules.offset(at: instant)]
        }
    }

    @Test("holds the changes that there were", arguments: [0, 0x32, 0x33, 0x34, 0x35] as [UInt8], [false, true])
    func fat(version: UInt8, isFat: Bool) throws {
        let file = TZifBytes(version: version, changes: Self.summer, offsets: [1_172, 7_200, 3_600], isFat: isFat)
        let rules = try Self.rules(file)
        #expect(rules.offset(at: -5_000_000_000) == 1_172)
        let expected = [
            [1_000_000_000, 1_172, 7_200], [1_010_000_000, 7_200, 3_600], [1_020_000_000, 3_600, 7_200],
            [ZoneRules.never, 7_200, 7_200],
        ]
        #expect(Self.changes(rules, after: 0, count: 4) == expected)
    }

    @Test("goes on with the rule at its end: Amsterdam in 2026 from a slim file")
    func slim() throws {
        let file = TZifBytes(
            changes: Self.summer,
            offsets: [1_172, 7_200, 3_600],
            footer: "CET-1CEST,M3.5.0,M10.5.0/3"
        )
        let expected = [[1_774_746_000, 3_600, 7_200], [1_792_890_000, 7_200, 3_600]]
        #expect(Self.changes(try Self.rules(file), after: 1_770_000_000, count: 2) == expected)
    }

    @Test("may be nothing but the rule at its end, which then holds for all times")
    func footerOnly() throws {
        let rules = try Self.rules(TZifBytes(offsets: [0], footer: "<-03>3"))
        #expect([-4_000_000_000, 0, 4_000_000_000].map(rules.offset) == [-10_800, -10_800, -10_800])
        #expect(rules.change(after: -4_000_000_000) == ZoneRules.never)
    }

    @Test("may have no rule at all: the first offset stays")
    func oneOffset() throws {
        #expect(try Self.rules(TZifBytes(offsets: [-18_000])) == ZoneRules(initialOffset: -18_000))
    }

    @Test("leaves out changes of nothing but the name, and those before and after all time")
    func noChange() throws {
        let changes = [
            TZifBytes.Change(instant: -1 << 59, kind: 0), TZifBytes.Change(instant: 10, kind: 1),
            TZifBytes.Change(instant: 20, kind: 2), TZifBytes.Change(instant: 1 << 60, kind: 0),
        ]
        let rules = try Self.rules(TZifBytes(changes: changes, offsets: [60, 3_600, 3_600]))
        #expect(rules.initialOffset == 60)
        #expect(rules.changes == [ZoneRules.Change(instant: 10, offset: 3_600)])
    }

    @Test("is refused where it cannot be used, with the reason")
    func refusals() {
        let good = TZifBytes(changes: Self.summer, offsets: [1_172, 7_200, 3_600], footer: "CET-1")
        func problem(_ change: (inout TZifBytes) -> Void) -> String? {
            var file = good
            change(&file)
            return problem(in: file.bytes)
        }
        func problem(in bytes: [UInt8]) -> String? {
            do throws(TimeZoneError) {
                _ = try ZoneFile.rules(in: bytes, path: "right/UTC")
                return nil
            } catch {
                return error.description.replacing("time zone file right/UTC cannot be used: ", with: "")
            }
        }
        #expect(problem { _ in } == nil)
        #expect(problem(in: []) == "it is no TZif file")
        #expect(
            problem(in: Array("# tzdb data for version".utf8) + Array(repeating: 0, count: 99)) == "it is no TZif file"
        )
        #expect(problem { $0.leapSeconds = 27 } == "it counts leap seconds, which no zone of ours does")
        #expect(problem { $0.changes.reverse() } == "its changes are not in the order of time")
        #expect(problem { $0.changes[1].kind = 3 } == "it has changes to an offset that is not there")
        #expect(problem { $0.offsets = [] } == "it has changes to an offset that is not there")
        #expect(problem { $0.offsets[2] = 200_000 } == "200000 s is no offset from UTC")
        #expect(problem { $0.footer = nil } == "it is cut off")
        #expect(problem { $0.footer = "Mars" } == "the rule at its end, \"Mars\", is none")
        for length in 44..<good.bytes.count - 1 { #expect(problem(in: Array(good.bytes.prefix(length))) != nil) }
    }

    @Test("answers within bounds, whatever is in it")
    func mutations() {
        var random = SeededRandom(seed: 9_636)
        let file = TZifBytes(
            changes: Self.summer,
            offsets: [1_172, 7_200, 3_600],
            footer: "CET-1CEST,M3.5.0,M10.5.0/3",
            isFat: true
        )
        var read = 0
        for _ in 0..<20_000 {
            var bytes = file.bytes
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(.random(in: 0...255, using: &random), at: place)
                case 2: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                default: bytes[place] = .random(in: 0...255, using: &random)
                }
            }
            guard let rules = try? ZoneFile.rules(in: bytes, path: "") else { continue }
            read += 1
            #expect(rules.isConsistent)
        }
        #expect(read > 1_000)
    }
}
