// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// Reads the rows of one history without names: `[[c1, c2], ...]`, or with one column a list of numbers.
struct RowsReader: Sendable {
    let shape: WindowShape

    /// Appends the last `lookback` rows and returns how many there were.
    @discardableResult
    func read(
        _ field: String,
        _ scanner: inout JSONScanner,
        into values: inout [Double]
    ) throws(ServingError) -> Int {
        let start = values.count
        let found = try scanner.numbers(field, into: &values)
        let rows = found.first ?? 0
        let isOneColumn = found.count == 1 && shape.channels == 1
        guard isOneColumn || (found.count == 2 && found[1] == shape.channels) || rows == 0 else {
            let wanted = shape.channels == 1 ? "[rows] or [rows,1]" : "[rows,\(shape.channels)]"
            throw .invalidBody(field: field, problem: "has shape \(JSONWriter.shape(found)); must be \(wanted)")
        }
        guard rows >= shape.lookback else {
            throw .invalidBody(
                field: field,
                problem: "has \(rows) rows; the model needs at least \(shape.lookback), of which it uses the last"
            )
        }
        values.removeSubrange(start..<(values.count - shape.inputCount))
        return rows
    }
}
