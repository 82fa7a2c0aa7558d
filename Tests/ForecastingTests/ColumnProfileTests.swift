// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
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
            let (psi, ks) = (
                profile.populationStabilityIndex(sample.sample), profile.kolmogorovSmirnov(sample.sample)
            )
            #expect(abs(psi - sample.psi) <= 1e-9 * max(1, sample.psi), "\(sample.name)")
            #expect(abs(ks - sample.ks) <= 1e-12, "\(sample.name)")
            #expect(abs(ks - sample.ksOfAll) <= 0.0101, "\(sample.name)")
        }
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
