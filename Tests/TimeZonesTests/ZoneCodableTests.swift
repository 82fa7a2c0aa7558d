// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import TimeZones

@Suite("A zone that is kept")
struct ZoneCodableTests {
    private static func encoded(_ zone: Zone) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(zone)
    }

    @Test("has the offsets that it had at all times, and comes back as it was, for all zones")
    func all() throws {
        var random = SeededRandom(seed: 23)
        var size = 0
        for name in ZoneDatabase.ofThisMachine.names {
            let zone = try ZoneDatabase.ofThisMachine.zone(name)
            let kept = zone.condensed
            let data = try Self.encoded(kept)
            size = max(size, data.count)
            #expect(try JSONDecoder().decode(Zone.self, from: data) == kept, "\(name)")
            let near = zone.rules.changes.flatMap { [$0.instant - 1, $0.instant] }
            let far = (0..<200).map { _ in Int.random(in: -4_000_000_000...8_000_000_000, using: &random) }
            for instant in near + far {
                #expect(kept.rules.offset(at: instant) == zone.rules.offset(at: instant), "\(name) at \(instant)")
            }
        }
        #expect(size < 8_000)
    }

    @Test("is a few lines of text")
    func text() throws {
        let rule = try #require(RecurringRuleParser.parse(Array("CET-1CEST,M3.5.0,M10.5.0/3".utf8)[...]))
        var rules = ZoneRules(initialOffset: 3_600)
        rules.changes = [.init(instant: 1_774_746_000, offset: 7_200), .init(instant: 1_792_890_000, offset: 3_600)]
        (rules.recurring, rules.recurringStart) = (rule, 1_792_890_000)
        let text = String(
            decoding: try Self.encoded(Zone(name: "Europe/Amsterdam", rules: rules).condensed),
            as: UTF8.self
        )
        #expect(
            text == #"{"changes":"1774746000:7200","initialOffset":3600,"name":"Europe/Amsterdam","#
                + #""rule":"STD-1DST-2,M3.5.0/2,M10.5.0/3","ruleStart":1774746000}"#
        )
    }

    @Test("is UTC by any of its names")
    func utc() throws {
        for name in ["UTC", "Etc/UTC", "Zulu", "GMT"] { #expect(try ZoneDatabase.ofThisMachine.zone(name).isUTC) }
        for name in ["Europe/London", "Atlantic/Reykjavik", "Etc/GMT-1"] {
            #expect(try !ZoneDatabase.ofThisMachine.zone(name).isUTC)
        }
    }

    @Test("is refused where a person has changed it into none, and read or refused whatever it holds")
    func mutations() throws {
        let good = try Self.encoded(try ZoneDatabase.ofThisMachine.zone("America/New_York").condensed)
        func refuses(_ from: String, _ to: String) throws {
            let text = String(decoding: good, as: UTF8.self)
            try #require(text.contains(from))
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(Zone.self, from: Data(text.replacing(from, with: to).utf8))
            }
        }
        try refuses("America/New_York", "../etc")
        try refuses("STD5DST4", "Mars")
        try refuses(":-18000", ":-18000000")
        try refuses(":-18000", "-18000")
        var random = SeededRandom(seed: 5)
        var read = 0
        for _ in 0..<5_000 {
            var bytes = Array(good)
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                if random.chance(30) {
                    bytes.remove(at: place)
                } else {
                    bytes[place] = UInt8(ascii: "0") + .random(in: 0..<12, using: &random)
                }
            }
            guard let zone = try? JSONDecoder().decode(Zone.self, from: Data(bytes)) else { continue }
            read += 1
            #expect(zone.rules.isConsistent)
        }
        #expect(read > 100)
    }
}
