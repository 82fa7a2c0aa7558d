// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// Scaled rows with the marks of their times, from which windows are cut: those of one or more series, one behind the other.
package struct InformerWindows: Sendable {
    private let configuration: InformerConfiguration
    /// [rows, columns], and [rows, marks].
    private let values: [Float]
    private let marks: [Float]
    private let rowCount: Int
    /// By series, which rows are its own.
    private let segments: [Range<Int>]

    /// Takes the columns of one series in scaled units (targets first) and marks by row.
    package init(_ configuration: InformerConfiguration, columns: [[Double]], marks: [Float]) {
        self.init(configuration, segments: [(columns, marks)])
    }

    /// Takes series; of each its columns in scaled units (targets first) and marks by row.
    package init(_ configuration: InformerConfiguration, segments: [(columns: [[Double]], marks: [Float])]) {
        var ranges: [Range<Int>] = []
        for (columns, marks) in segments {
            let (first, rows) = (ranges.last?.upperBound ?? 0, columns.first?.count ?? 0)
            precondition(
                columns.count == configuration.inputs && marks.count == rows * configuration.marks,
                "InformerWindows: \(columns.count) columns of \(rows) rows and \(marks.count) marks"
            )
            ranges.append(first..<(first + rows))
        }
        let (rowCount, width) = (ranges.last?.upperBound ?? 0, configuration.inputs)
        self.configuration = configuration
        self.rowCount = rowCount
        self.segments = ranges
        marks = segments.count == 1 ? segments[0].marks : segments.flatMap(\.marks)
        values = [Float](unsafeUninitializedCapacity: rowCount * width) { buffer, count in
            for (segment, range) in zip(segments, ranges) {
                for (column, elements) in segment.columns.enumerated() {
                    for (row, place) in range.enumerated() { buffer[place * width + column] = Float(elements[row]) }
                }
            }
            count = rowCount * width
        }
    }

    /// A digest of all rows and marks.
    func digest() throws(ForecastingError) -> String {
        func bytes(_ numbers: [Float]) -> [UInt8] { numbers.withUnsafeBytes { Array($0) } }
        return try SHA256Hasher.digest(of: bytes(values) + bytes(marks))
    }

    /// Where all windows of stride 1 begin that lie within a range of rows of each series; none reaches into the next one.
    ///
    /// - Parameter rows: One range a series, counted from its first row.
    func starts(in rows: [Range<Int>]) -> [Int] {
        precondition(rows.count == segments.count, "InformerWindows: \(rows.count) ranges of \(segments.count) series")
        let width = configuration.lookback + configuration.horizon
        return zip(rows, segments).flatMap { rows, segment in
            let first = segment.lowerBound + rows.lowerBound
            precondition(segment.lowerBound + rows.upperBound <= segment.upperBound, "InformerWindows: no rows \(rows)")
            return first..<(first + max(0, rows.count - width + 1))
        }
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
