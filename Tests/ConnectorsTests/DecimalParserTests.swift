// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Connectors

@Suite("decimal text to the nearest double")
struct DecimalParserTests {
    private let parser = DecimalParser()

    private func parse(_ text: String) -> DecimalParser.Outcome {
        Array(text.utf8).withUnsafeBytes(parser.parse)
    }

    @Test(
        "text that is not a number is malformed",
        arguments: [
            "", "+", "-", ".", "+.", "e5", ".e5", "1e", "1e+", "1e+-3", "1.2.3", "1,5", " 1", "1 ", "--1", "0x10", "1f",
            "inf", "nan", "1_000", "١",
        ]
    )
    func malformed(_ text: String) {
        #expect(parse(text) == .malformed)
    }

    @Test(
        "every written form of a number is read as strtod reads it",
        arguments: [
            "0", "-0", "+7", ".5", "5.", "-.5e-1", "1E3", "9007199254740993", "9007199254740992.5", "0.1", "1e22",
            "1e23",
            "9223372036854775807", "18446744073709551615", "18446744073709551616", "4.9e-324", "2e-324", "1e-400",
            "1.7976931348623157e308", "2.2250738585072011e-308", "123456789012345678901234567890", "1e-27",
            "0.000000000000000000000000000000000001", "00000000000000000000000001.5", "7205759403792793e1",
            "1.00000000000000011102230246251565",
            "1.5e000000000000000000000000000000000000001",
        ]
    )
    func forms(_ text: String) {
        #expect(parse(text) == .number(strtod(text, nil)))
    }

    @Test("a number beyond the largest double is an overflow", arguments: ["1e309", "-1.8e308", "1e9999999999999999"])
    func overflow(_ text: String) {
        #expect(parse(text) == .overflow)
    }

    @Test("zeros by the hundred thousand do not hide the exponent")
    func longZeros() {
        let text = "0." + String(repeating: "0", count: 1_000_020) + "1e1000010"
        #expect(parse(text) == .number(strtod(text, nil)))
    }

    @Test("a million random texts give the same bits as strtod")
    func property() {
        var random = SeededRandom(seed: 20_261_121)
        var differences: [String] = []
        for round in 0..<1_000_000 {
            let text = round % 4 == 0 ? Self.shortest(&random) : Self.digits(&random)
            let expected = strtod(text, nil)
            let wanted = expected.isInfinite ? DecimalParser.Outcome.overflow : .number(expected)
            if parse(text) != wanted { differences.append(text) }
        }
        #expect(differences.isEmpty, "\(differences.prefix(5))")
    }

    @Test("halfway between two doubles the even one is taken")
    func ties() {
        var random = SeededRandom(seed: 7)
        var differences: [String] = []
        for _ in 0..<100_000 {
            // An odd 54-bit number lies exactly between two doubles; dividing by 2^k keeps that, in k more decimals.
            let odd = UInt64.random(in: (1 << 53)...(1 << 54), using: &random) | 1
            let halvings = Int.random(in: 0...3, using: &random)
            let scaled = odd * [1, 5, 25, 125][halvings]
            let text = String(scaled) + "e-\(halvings)"
            if parse(text) != .number(strtod(text, nil)) { differences.append(text) }
        }
        #expect(differences.isEmpty, "\(differences.prefix(5))")
    }

    /// The text that Swift prints for a random double.
    private static func shortest(_ random: inout SeededRandom) -> String {
        let value = Double(bitPattern: random.next())
        return value.isFinite ? "\(value)" : "0.25"
    }

    /// Up to 24 digits with a point anywhere and an exponent now and then.
    private static func digits(_ random: inout SeededRandom) -> String {
        let count = Int.random(in: 1...24, using: &random)
        let point = Int.random(in: 0...count, using: &random)
        var text = Bool.random(using: &random) ? "-" : ""
        for index in 0..<count {
            if index == point { text += "." }
            text += String(UInt8.random(in: 0...9, using: &random))
        }
        guard Int.random(in: 0..<4, using: &random) == 0 else { return text }
        return text + "e\(Int.random(in: -330...310, using: &random))"
    }
}
