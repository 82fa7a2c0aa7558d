// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Forecasting

@Suite("The profile of a column")
struct ColumnProfileTests {
    /// `Reference/drift.json`: what scipy and numpy say of the same numbers.
    private struct Reference: Decodable {
        struct Case: Decodable {
            let name: String
            let train, sample: [Double]
            let psi, ks, ksOfAll: Double
        }

        let cases: [Case]
    }

    private func reference() throws -> [Reference.Case] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Reference/drift.json")
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file)).cases
    }

    @Test("tells how far other values are from those of the training rows, as scipy and numpy do")
    func asOthersSay() throws {
        for sample in try reference() {
            let profile = try #require(ColumnProfile(column: "x", values: sample.train))
            let (psi, ks) = drift([(sample.sample, profile)])
            #expect(abs(psi - sample.psi) <= 1e-9 * max(1, sample.psi), "\(sample.name)")
            #expect(abs(ks - sample.ks) <= 1e-12, "\(sample.name)")
            #expect(abs(ks - sample.ksOfAll) <= 0.0101, "\(sample.name)")
        }
    }

    private func drift(_ parts: [([Double], ColumnProfile)]) -> (psi: Double, ks: Double) {
        var drift = PooledDrift()
        for (values, profile) in parts { drift.add(values, profile) }
        return (drift.populationStabilityIndex, drift.kolmogorovSmirnov)
    }

    @Test("tells of a series in parts what it tells of the whole, and of series of other sizes the same")
    func pooled() throws {
        for sample in try reference() {
            let profile = try #require(ColumnProfile(column: "x", values: sample.train))
            let whole = drift([(sample.sample, profile)])
            let half = sample.sample.count / 2
            let parts = [Array(sample.sample[..<half]), Array(sample.sample[half...])]
            // Exact in binary, so that each value keeps its place.
            let larger = try #require(ColumnProfile(column: "x", values: sample.train.map { $0 * 1_024 }))
            for second in [(parts[1], profile), (parts[1].map { $0 * 1_024 }, larger)] {
                let pooled = drift([(parts[0], profile), second])
                #expect(abs(pooled.psi - whole.psi) <= 1e-9 * max(1, whole.psi), "\(sample.name)")
                #expect(abs(pooled.ks - whole.ks) <= 1e-12, "\(sample.name)")
            }
        }
        #expect(drift([]) == (0, 0))
    }

    @Test("of many series shows what moves all of them, and hardly what moves one")
    func many() throws {
        var random = SeededRandom(seed: 5)
        func rows(_ level: Double, _ count: Int) -> [Double] {
            (0..<count).map { _ in level * (1 + Double.random(in: -0.5...0.5, using: &random)) }
        }
        let levels = (0..<200).map { pow(1.05, Double($0)) }
        let profiles = try levels.map { try #require(ColumnProfile(column: "x", values: rows($0, 400))) }
        func drift(moved: (Int) -> Double) -> (psi: Double, ks: Double) {
            self.drift(zip(levels, profiles).enumerated().map { (rows($1.0 * moved($0), 40), $1.1) })
        }
        let still = drift { _ in 1 }
        #expect(still.psi < 0.01 && still.ks < 0.05, "\(still)")
        let one = drift { $0 == 7 ? 3 : 1 }
        #expect(one.psi < 0.02, "\(one)")
        let all = drift { _ in 1.3 }
        #expect(all.psi > 0.25 && all.ks > 0.2, "\(all)")
        // The values of all series in one heap would hide it: the levels differ by far more.
        let heap = try #require(ColumnProfile(column: "x", values: levels.flatMap { rows($0, 400) }))
        #expect(self.drift([(levels.flatMap { rows($0 * 1.3, 40) }, heap)]).psi < 0.1)
    }

    @Test("leaves missing values out, and is none where nothing is there")
    func missing() {
        let gaps = ColumnProfile(column: "x", values: [1, .nan, 2, 3, .nan])
        #expect(gaps == ColumnProfile(column: "x", values: [1, 2, 3]))
        #expect(gaps?.rows == 3)
        #expect(ColumnProfile(column: "x", values: [.nan, .nan]) == nil)
        #expect(ColumnProfile(column: "x", values: [-1.7e308, 1.7e308]) == nil)
    }

    @Test("comes back from JSON as it was, and one that contradicts itself is refused")
    func coding() throws {
        let profile = try #require(ColumnProfile(column: "x", values: (0..<50).map { Double($0 % 7) }))
        let data = try JSONEncoder().encode(profile)
        #expect(try JSONDecoder().decode(ColumnProfile.self, from: data) == profile)
        let fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        for (name, value) in [
            ("quantiles", [1.0, 2.0]), ("quantiles", (0..<101).map { Double(-$0) }), ("shares", [1.0]),
            ("shares", [Double](repeating: 2, count: profile.shares.count)),
        ] {
            var other = fields
            other[name] = value
            let broken = try JSONSerialization.data(withJSONObject: other)
            #expect(throws: ForecastingError.self) { try JSONDecoder().decode(ColumnProfile.self, from: broken) }
        }
    }
}
