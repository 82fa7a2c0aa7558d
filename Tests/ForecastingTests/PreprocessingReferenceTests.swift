// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Forecasting

/// `Reference/preprocessing.json`: what pandas, scipy and scikit-learn make of the same rows.
struct PreprocessingReference: Decodable {
    struct Scaling: Decodable {
        let center, scale: Double
    }

    struct Sample: Decodable {
        let values: [Double]
        let scalers: [String: Scaling]
        let limits: [String: [Double]]
        let lambda: Double
        let boxCox: [Double]
        let rolling: [String: [Double]]
        let difference: [Double]
    }

    struct Bins: Decodable {
        let frequency: String
        let first, last: Int64
        let rows: Int
        let results: [String: [Double?]]
    }

    struct Resampled: Decodable {
        let times: [Int64]
        let values: [Double?]
        let cases: [Bins]
    }

    let samples: [Sample]
    let resampling: Resampled

    static func load() throws -> PreprocessingReference {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Reference/preprocessing.json")
        return try JSONDecoder().decode(PreprocessingReference.self, from: Data(contentsOf: file))
    }
}

@Suite("Preprocessing beside other libraries")
struct PreprocessingReferenceTests {
    private let reference: PreprocessingReference

    init() throws { reference = try PreprocessingReference.load() }

    private func expectClose(_ ours: [Double], _ theirs: [Double], _ tolerance: Double = 1e-9) {
        #expect(ours.count == theirs.count)
        for (our, their) in zip(ours, theirs) { #expect(abs(our - their) <= tolerance * max(1, abs(their))) }
    }

    private func rows(_ values: [Double]) throws -> RawRows {
        RawRows(names: ["x"], columns: [values], targets: 1, frequency: try Frequency("1h"), end: 0)
    }

    @Test("scalers have the centers and scales of scikit-learn's")
    func scalers() throws {
        for sample in reference.samples {
            for (name, scaling) in sample.scalers {
                let scaler = Scaler(kind: try #require(Scaler.Kind(rawValue: name)), fitting: [sample.values[...]])
                expectClose(scaler.centers + scaler.scales, [scaling.center, scaling.scale])
            }
        }
    }

    @Test("limits of outliers follow from numpy's quartiles and scipy's median absolute deviation")
    func limits() throws {
        for sample in reference.samples {
            for (name, limits) in sample.limits {
                let rule = try #require(OutlierClip.Rule(rawValue: name))
                let clip = OutlierClip(OutlierClip.Settings(rule: rule, factor: 1.5), fitting: [sample.values])
                expectClose([try #require(clip.lower[0]), try #require(clip.upper[0])], limits)
            }
        }
    }

    @Test("Box-Cox finds the lambda of scipy and gives its values")
    func boxCox() throws {
        for sample in reference.samples {
            let rows = try rows(sample.values)
            let transform = try PowerTransform(.boxCox, fitting: [sample.values], of: rows)
            // scipy allows negative ones.
            #expect(abs(transform.lambdas[0] - max(0, sample.lambda)) < 1e-5)
            guard sample.lambda > 0 else { continue }
            let values = try transform.applied(sample.values, target: 0, of: rows)
            expectClose(Array(values.prefix(20)), sample.boxCox, 1e-4)
        }
    }

    @Test("rolling statistics and differences are those of pandas")
    func rolling() throws {
        for sample in reference.samples {
            for (name, results) in sample.rolling {
                let function = try #require(HistoryFeatures.Rolling.Function(rawValue: name))
                let features = HistoryFeatures(rolling: [.init(function: function, window: 7)])
                expectClose(Array(try #require(features.channels(of: sample.values).first)), results)
            }
            expectClose(Differencing(order: 2, seasonLength: 12).applied(sample.values), sample.difference)
        }
    }

    @Test("bins and what becomes of their values are those of pandas")
    func resampling() throws {
        let values = reference.resampling.values.map { $0 ?? .nan }
        let frame = try TimeSeriesFrame(timestamps: reference.resampling.times, names: ["x"], columns: [values])
        for bins in reference.resampling.cases {
            for (name, results) in bins.results {
                let method = try #require(Resampling.Method(rawValue: name))
                let made = try Resampling(method, to: Frequency(bins.frequency)).resampled(frame)
                #expect(made.rowCount == bins.rows && made.timestamps.first == bins.first)
                #expect(made.timestamps.last == bins.last)
                for (our, their) in zip(made.columns[0], results) {
                    #expect(their.map { abs(our - $0) < 1e-9 } ?? our.isNaN, "\(bins.frequency) \(name)")
                }
            }
        }
    }

    @Test("a bin that is not over when the run is due is left out, and rows that do not ascend are refused")
    func unfinished() throws {
        func rows(_ times: [Int64], due: Int64?) throws -> [Double] {
            let frame = try TimeSeriesFrame(timestamps: times, names: ["x"], columns: [times.map { Double($0) }])
            return try Resampling(.sum, to: Frequency("1min")).resampled(frame, due: due).columns[0]
        }
        #expect(try rows([0, 30, 30, 70], due: nil) == [60, 70])
        #expect(try rows([0, 30, 30, 70], due: 119) == [60])
        #expect(try rows([0, 30, 30, 70], due: 120) == [60, 70])
        #expect(try rows([0, 30, 30, 70], due: 50) == [60, 70])
        #expect(
            throws: ForecastingError.unsortedRows(
                row: 2,
                time: "1970-01-01T00:00:29Z",
                previous: "1970-01-01T00:00:30Z"
            )
        ) {
            try rows([30, 29], due: nil)
        }
        #expect(throws: ForecastingError.timestampOutOfRange(row: 2)) { try rows([0, .max], due: nil) }
        #expect(throws: ForecastingError.timestampOutOfRange(row: 1)) { try rows([.min, 0], due: nil) }
    }
}
