// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// What must be known of the rows to forecast, as requests write it: the model's future covariates, a row for each step.
struct FutureRows: Sendable {
    /// The name of the member, and of the tensor in V2.
    static let name = "future"

    private let columns: [String]
    private let horizon: Int

    /// - Parameters:
    ///   - shape: What a request holds.
    ///   - columns: The names of the columns that must be known.
    init(_ shape: WindowShape, columns: [String]) {
        horizon = shape.horizon
        self.columns = columns
    }

    /// Whether there is anything to be known.
    var isNeeded: Bool { !columns.isEmpty }

    /// What is needed, for messages.
    private var wanted: String {
        "\(horizon) rows of \(columns.map { "'\($0.prefix(60))'" }.joined(separator: ", "))"
    }

    /// What is said of a request that lacks them.
    func missing(_ field: String) -> ServingError {
        .invalidBody(field: field, problem: "is missing; this model needs \(wanted), which follow the history")
    }

    /// What is said of too few of them.
    func tooFew(_ rows: Int, _ field: String) -> ServingError {
        .invalidBody(field: field, problem: "has \(rows) rows; the model needs \(wanted), of which it uses the first")
    }

    /// Reads rows without names, `[[c1, c2], ...]`, or with one column a list of numbers, and appends those that are used.
    func read(_ field: String, _ scanner: inout JSONScanner, into values: inout [Double]) throws(ServingError) {
        let start = values.count
        let found = try scanner.numbers(field, into: &values)
        let rows = found.first ?? 0
        let isOneColumn = found.count == 1 && columns.count == 1
        guard isOneColumn || (found.count == 2 && found[1] == columns.count) || rows == 0 else {
            let shape = columns.count == 1 ? "[rows] or [rows,1]" : "[rows,\(columns.count)]"
            throw .invalidBody(field: field, problem: "has shape \(JSONWriter.shape(found)); must be \(shape)")
        }
        guard rows >= horizon else { throw tooFew(rows, field) }
        values.removeSubrange((start + horizon * columns.count)...)
    }
}
