// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import KubeCore

struct KubeTimeTests {
    @Test("times are written to the second and to the microsecond")
    func format() {
        let date = Date(timeIntervalSince1970: 1_795_230_000.123456)
        #expect(KubeTime.format(date) == "2026-11-21T03:00:00Z")
        #expect(KubeTime.formatMicro(date) == "2026-11-21T03:00:00.123456Z")
        #expect(KubeTime.format(Date(timeIntervalSince1970: -0.5)) == "1969-12-31T23:59:59Z")
    }

    @Test("a time survives being written and read, to the microsecond")
    func roundTrip() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<20_000 {
            let micro = MicroTime(
                Date(timeIntervalSince1970: .random(in: 0...4_000_000_000, using: &random))
            )
            #expect(KubeTime.parse(KubeTime.formatMicro(micro.date)) == micro.date)
        }
    }

    @Test("whole seconds agree with Foundation's calendar")
    func oracle() throws {
        var random = SeededRandom(seed: 4)
        let style = Date.ISO8601FormatStyle()
        for _ in 0..<5_000 {
            let seconds = Double(Int.random(in: 0...250_000_000_000, using: &random))
            let date = Date(timeIntervalSince1970: seconds)
            #expect(KubeTime.format(date) == style.format(date))
            #expect(try KubeTime.parse(KubeTime.format(date)) == style.parse(style.format(date)))
        }
    }

    @Test(
        "offsets, fractions of any length and small letters are read",
        arguments: [
            "2026-11-21T03:00:00Z", "2026-11-21t03:00:00z", "2026-11-21T04:30:00+01:30", "2026-11-20T22:00:00-05:00",
            "2026-11-21T03:00:00.000000000000Z",
        ]
    )
    func variants(text: String) {
        #expect(KubeTime.parse(text) == Date(timeIntervalSince1970: 1_795_230_000))
    }

    @Test(
        "what is no time is refused",
        arguments: [
            "", "2026", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T03:00:00",
            "2026-11-21T03:00:00.Z", "2026-11-21T03:00:00Zx", "2026-11-21 03:00:00Z", "2026-11-21T03:00:00+1:00",
        ]
    )
    func refused(text: String) {
        #expect(KubeTime.parse(text) == nil)
    }

    @Test("random texts never trap")
    func fuzz() {
        var random = SeededRandom(seed: 5)
        let valid = Array("2026-11-21T03:00:00.5+01:00".utf8)
        for _ in 0..<20_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = KubeTime.parse(
                String(decoding: bytes.prefix(Int.random(in: 0...bytes.count, using: &random)), as: UTF8.self)
            )
        }
        for date in [
            Date.distantPast, .distantFuture, Date(timeIntervalSince1970: .infinity), Date(timeIntervalSince1970: .nan),
        ] {
            #expect(!KubeTime.formatMicro(date).isEmpty)
        }
    }
}
