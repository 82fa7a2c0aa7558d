// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// One quantile of the forecasts of a request.
struct ServedQuantile: Sendable, Equatable {
    /// The share of values that are to lie below.
    let probability: Double
    /// [batch x horizon x targets], as the forecasts themselves.
    let values: [Double]
}

extension ForecastIntervals {
    /// Reads which quantiles are asked for, a list of probabilities or a text of them with commas between; returns their
    /// positions among those of the model in the order that was asked, none for `null` and an empty list.
    ///
    /// - Parameter intervals: Those of the model; nil where it has none.
    static func scan(
        _ field: String,
        _ scanner: inout JSONScanner,
        of intervals: ForecastIntervals?
    ) throws(ServingError) -> [Int] {
        if scanner.takeNull() { return [] }
        var positions: [Int] = []
        func add(_ probability: Double, _ place: String) throws(ServingError) {
            guard let intervals else {
                throw .invalidBody(
                    field: field,
                    problem:
                        "cannot be given: this model has no intervals, for its pipeline's spec.intervals is not set"
                )
            }
            let position = try intervals.position(of: probability, place)
            guard !positions.contains(position) else { throw .invalidBody(field: place, problem: "is there twice") }
            positions.append(position)
        }
        if scanner.peek() == UInt8(ascii: "\"") {
            for part in try scanner.string(field).split(separator: ",") {
                let text = part.drop { $0 == " " }
                guard let probability = Double(text) else {
                    throw .invalidBody(field: field, problem: "holds '\(text.prefix(20))'; must be numbers and commas")
                }
                try add(probability, field)
            }
        } else {
            try scanner.array(field) { (position, scanner) throws(ServingError) in
                let place = "\(field)[\(position)]"
                try add(try scanner.number(place), place)
            }
        }
        return positions
    }

    /// The position of a quantile; what is asked for may differ in its last digits.
    private func position(of probability: Double, _ field: String) throws(ServingError) -> Int {
        guard let position = quantiles.firstIndex(where: { abs($0 - probability) < 1e-9 }) else {
            throw .invalidBody(field: field, problem: "is \(probability); this model has \(quantileList)")
        }
        return position
    }

    /// The probabilities as a text.
    var quantileList: String { Self.list(quantiles) }

    /// Probabilities as a text, as requests may write them.
    static func list(_ probabilities: [Double]) -> String { probabilities.map { "\($0)" }.joined(separator: ",") }
}

extension ServedSeries {
    /// Reads which quantiles are asked for; see `ForecastIntervals.scan`.
    func quantiles(_ field: String, _ scanner: inout JSONScanner) throws(ServingError) -> [Int] {
        try ForecastIntervals.scan(field, &scanner, of: intervals)
    }

    /// The quantiles at some positions, which `quantiles(_:_:)` gave.
    ///
    /// - Parameter places: The series of each forecast; empty where the model is not grouped.
    func quantiles(_ positions: [Int], of forecasts: [Double], at places: [Int] = []) -> [ServedQuantile] {
        guard let intervals else { return [] }
        return positions.map { position in
            ServedQuantile(
                probability: intervals.quantiles[position],
                values: groups?.quantile(position, of: forecasts, at: places)
                    ?? intervals.quantile(position, of: forecasts)
            )
        }
    }
}
