// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore

/// A request for one forecast by KServe's V1 protocol, and what comes back.
struct Prediction {
    /// What the run forecast.
    let forecast: ForecastFile
    /// The series of it that is asked for.
    let series: ForecastFile.Series

    private struct Body<Rows: Encodable>: Encodable {
        struct Instance: Encodable {
            let history: Rows
            let end: Date?
            /// The rows of what is known ahead; nil where nothing is.
            let future: [[Double]]?
            /// By grouping column its value; nil where there is one series.
            let series: [String: String]?
        }

        let instances: [Instance]
    }

    /// The request's body: one history, as numbers for one column or as rows for several, and the time of its last row.
    func body() throws -> Data {
        let known = forecast.futureCovariates ?? []
        let names = forecast.targets + (forecast.pastCovariates ?? []) + known
        let history = try rows(names, of: series.history)
        let future = try known.isEmpty ? nil : rows(known, of: series.known)
        let (encoder, end) = (KubeJSON.encoder(), series.history.times.last)
        if names.count == 1 {
            let values = history.flatMap(\.self)
            return try encoder.encode(Body(instances: [.init(history: values, end: end, future: future, series: key)]))
        }
        return try encoder.encode(Body(instances: [.init(history: history, end: end, future: future, series: key)]))
    }

    /// What names the series in a request; nil where there is one.
    private var key: [String: String]? {
        guard !forecast.groupBy.isEmpty else { return nil }
        return Dictionary(zip(forecast.groupBy, series.key)) { first, _ in first }
    }

    private func rows(_ names: [String], of part: ForecastFile.Part?) throws -> [[Double]] {
        let columns = names.map { part?.values[$0] ?? [] }
        guard let first = columns.first, columns.allSatisfy({ $0.count == first.count }) else {
            throw CLIError.serviceFailed(reason: "the run's forecast has columns of different lengths")
        }
        return first.indices.map { row in columns.map { $0[row] } }
    }

    /// Takes the first target's values out of an answer and checks them against the run's own forecast.
    func check(status: Int, body: Data) throws -> [Double] {
        guard status == 200 else {
            let text = String(decoding: body.prefix(300), as: UTF8.self)
            throw CLIError.serviceFailed(reason: "it answered with status \(status): \(text)")
        }
        let values = try values(in: body)
        let expected = forecast.targets.first.flatMap { series.forecast.values[$0] } ?? []
        guard values.count == expected.count else {
            let reason = "it answered with \(values.count) values where \(expected.count) were to come"
            throw CLIError.serviceFailed(reason: reason)
        }
        for (index, (value, wanted)) in zip(values, expected).enumerated() {
            // Same model, same rows: what differs is only the order of sums.
            guard abs(value - wanted) <= 1e-6 * max(1, abs(wanted)) else {
                let reason = "value \(index + 1) of its forecast is \(value); the run forecast \(wanted)"
                throw CLIError.serviceFailed(reason: reason)
            }
        }
        return values
    }

    private func values(in body: Data) throws -> [Double] {
        struct Flat: Decodable { var predictions: [[Double]] }
        struct Rows: Decodable { var predictions: [[[Double]]] }
        if let answer = try? JSONDecoder().decode(Flat.self, from: body) { return answer.predictions.first ?? [] }
        if let answer = try? JSONDecoder().decode(Rows.self, from: body) {
            return (answer.predictions.first ?? []).compactMap(\.first)
        }
        throw CLIError.serviceFailed(reason: "its answer holds no predictions")
    }
}
