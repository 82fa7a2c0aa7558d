// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Forecasting

@Suite("The Diebold-Mariano test")
struct DieboldMarianoTests {
    @Test("equals another implementation, with either kernel")
    func reference() throws {
        let cases = try BacktestReference.load().synthetic
        #expect(Set(cases.map(\.kernel)) == ["Rectangular", "Bartlett"])
        for reference in cases {
            let differences = zip(reference.first, reference.second).map { $0 - $1 }
            let test = try #require(DieboldMariano(differences: differences, horizon: reference.horizon))
            #expect(abs(test.statistic - reference.statistic) < 1e-9 * max(1, abs(reference.statistic)))
            #expect(abs(test.pValue - reference.pValue) < 1e-9)
            #expect(test.kernel.rawValue == reference.kernel)
        }
    }

    @Test("says nothing where there is nothing to say")
    func undefined() {
        #expect(DieboldMariano(differences: [], horizon: 1) == nil)
        #expect(DieboldMariano(differences: [1], horizon: 1) == nil)
        #expect(DieboldMariano(differences: [1, 2, 3], horizon: 3) == nil)
        #expect(DieboldMariano(differences: [0, 0, 0], horizon: 1) == nil)
        #expect(DieboldMariano(differences: [0.1, 0.1, 0.1], horizon: 1) == nil)
        #expect(DieboldMariano(differences: [1, .nan, 3], horizon: 1) == nil)
        #expect(DieboldMariano(differences: [1, .infinity, 3], horizon: 1) == nil)
        #expect(DieboldMariano(differences: [1e300, -1e300, 1e300], horizon: 1) == nil)
    }

    @Test("has the other sign when the forecasts change places, whatever the scale", arguments: 0..<200)
    func symmetry(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let count = Int.random(in: 2...80, using: &random)
        let horizon = Int.random(in: 1...(count - 1), using: &random)
        let scale = [1e-9, 1, 1e9][Int(seed % 3)]
        let differences = (0..<count).map { _ in scale * Double.random(in: -1...1.2, using: &random) }
        let test = DieboldMariano(differences: differences, horizon: horizon)
        let swapped = DieboldMariano(differences: differences.map { -$0 }, horizon: horizon)
        #expect(test?.statistic == swapped.map { -$0.statistic })
        #expect(test?.pValue == swapped?.pValue)
        if let test { #expect((0...1).contains(test.pValue) && test.statistic.isFinite) }
    }

    @Test("Student's t has the tabled quantiles")
    func studentT() {
        let table = [
            (1.0, 12.7062047364), (2, 4.3026527297), (10, 2.2281388520), (30, 2.0422724563), (1_000, 1.9623390808),
        ]
        for (degrees, quantile) in table {
            #expect(abs(StudentT(degreesOfFreedom: degrees).twoSidedProbability(of: quantile) - 0.05) < 1e-10)
        }
        #expect(StudentT(degreesOfFreedom: 5).twoSidedProbability(of: 0) == 1)
        #expect(StudentT(degreesOfFreedom: 5).twoSidedProbability(of: 1e200) == 0)
    }
}
