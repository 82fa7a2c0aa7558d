// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// Scaled rows with the marks of their times, from which windows are cut.
package struct InformerWindows: Sendable {
    private let configuration: InformerConfiguration
    /// [rows, columns], and [rows, marks].
    private let values: [Float]
    private let marks: [Float]
    private let rowCount: Int

    /// Takes columns in scaled units (targets first) and marks by row.
    package init(_ configuration: InformerConfiguration, columns: [[Double]], marks: [Float]) {
        let rows = columns.first?.count ?? 0
        precondition(
            columns.count == configuration.inputs && marks.count == rows * configuration.marks,
            "InformerWindows: \(columns.count) columns of \(rows) rows and \(marks.count) marks"
        )
        self.configuration = configuration
        self.marks = marks
        rowCount = rows
        values = [Float](unsafeUninitializedCapacity: rows * columns.count) { buffer, count in
            for (column, elements) in columns.enumerated() {
                for row in 0..<rows { buffer[row * columns.count + column] = Float(elements[row]) }
            }
            count = rows * columns.count
        }
    }

    /// A digest of all rows and marks.
    func digest() throws(ForecastingError) -> String {
        func bytes(_ numbers: [Float]) -> [UInt8] { numbers.withUnsafeBytes { Array($0) } }
        return try SHA256Hasher.digest(of: bytes(values) + bytes(marks))
    }

    /// The number of windows of stride 1 in a range of rows; the last one ends at its end.
    package func count(in rows: Range<Int>) -> Int {
        max(0, rows.count - configuration.lookback - configuration.horizon + 1)
    }

    /// Fills a batch with the windows whose histories begin at `starts`; places beyond these keep what they hold.
    func fill(_ batch: InformerBatch, _ starts: ArraySlice<Int>) {
        let c = configuration
        precondition(
            starts.count <= batch.size,
            "InformerWindows: \(starts.count) windows for a batch of \(batch.size)"
        )
        for (place, start) in starts.enumerated() {
            precondition(
                start >= 0 && start + c.lookback + c.horizon <= rowCount,
                "InformerWindows: no window at \(start)"
            )
            let label = start + c.lookback - c.labelLength
            copy(values, c.inputs, start, c.lookback, to: batch.history.values, place)
            copy(marks, c.marks, start, c.lookback, to: batch.history.marks, place)
            copy(values, c.inputs, label, c.labelLength, to: batch.decoderInput.values, place)
            copy(marks, c.marks, label, c.decoderLength, to: batch.decoderInput.marks, place)
            if let known = c.knownInputs {
                copyKnown(known, from: start + c.lookback, to: batch.decoderInput.values, place)
            }
            batch.truth.withElements { truth in
                var target = place * c.horizon * c.outputs
                for row in (start + c.lookback)..<(start + c.lookback + c.horizon) {
                    for column in 0..<c.outputs {
                        truth[target] = values[row * c.inputs + column]
                        target += 1
                    }
                }
            }
        }
    }

    /// What is to be forecast from windows: [starts.count, horizon, outputs].
    func truth(_ starts: [Int]) -> [Float] {
        starts.flatMap { start in
            let first = start + configuration.lookback
            return (first..<(first + configuration.horizon)).flatMap { row in
                values[(row * configuration.inputs)..<(row * configuration.inputs + configuration.outputs)]
            }
        }
    }

    /// Copies the last columns of the rows to forecast to the end of a batch entry; zeros stand in the other ones.
    private func copyKnown(_ known: Int, from row: Int, to tensor: Tensor, _ place: Int) {
        let c = configuration
        let first = (place * c.decoderLength + c.labelLength) * c.decoderInputs
        tensor.withElements { elements in
            for step in 0..<c.horizon {
                for column in (c.inputs - known)..<c.inputs {
                    elements[first + step * c.decoderInputs + column] = values[(row + step) * c.inputs + column]
                }
            }
        }
    }

    /// Copies rows to the beginning of a batch entry.
    private func copy(_ source: [Float], _ width: Int, _ row: Int, _ rows: Int, to tensor: Tensor, _ place: Int) {
        let first = place * tensor.sizes[1] * width
        tensor.withElements { elements in
            for index in 0..<(rows * width) { elements[first + index] = source[row * width + index] }
        }
    }
}
