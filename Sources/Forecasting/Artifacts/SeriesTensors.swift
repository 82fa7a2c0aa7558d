// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Tensors that each series of a panel has of its own: in a file one tensor a name, whose first dimension counts the series.
///
/// A tensor a series and name would make headers of tens of thousands of entries, which take longer to read than the numbers.
struct SeriesTensors {
    private struct Column {
        let name: String
        /// Of one series.
        let shape: [Int]
        /// How many elements one series has.
        let count: Int
        let values: NamedTensor.Values
    }

    private let columns: [Column]

    /// The tensors of a file as they belong to the series.
    /// - Throws: `ForecastingError.invalidModel` where one does not count so many series, which are at least one.
    init(_ tensors: [NamedTensor], series: Int) throws(ForecastingError) {
        var columns: [Column] = []
        for tensor in tensors {
            guard let first = tensor.shape.first, first == series, first > 0 else {
                throw .invalidModel(reason: "tensor '\(tensor.name)' of \(tensor.shape) is not one of \(series) series")
            }
            let shape = Array(tensor.shape.dropFirst())
            columns.append(
                Column(name: tensor.name, shape: shape, count: tensor.values.count / first, values: tensor.values)
            )
        }
        self.columns = columns
    }

    /// The tensors of one series, counted from 0.
    subscript(series: Int) -> [NamedTensor] {
        columns.map { column in
            let cells = (series * column.count)..<((series + 1) * column.count)
            let values: NamedTensor.Values =
                switch column.values {
                case .float32(let all): .float32(Array(all[cells]))
                case .float64(let all): .float64(Array(all[cells]))
                case .int64(let all): .int64(Array(all[cells]))
                }
            return NamedTensor(name: column.name, shape: column.shape, values: values)
        }
    }

    /// The tensors of all series as a file holds them.
    /// - Throws: `ForecastingError.invalidModel` where series have not the same tensors of the same shapes.
    static func stacked(_ series: [[NamedTensor]]) throws(ForecastingError) -> [NamedTensor] {
        guard let first = series.first else { return [] }
        var result: [NamedTensor] = []
        for (place, tensor) in first.enumerated() {
            let parts = series.compactMap { $0.indices.contains(place) ? $0[place] : nil }
            let areAlike = parts.allSatisfy { $0.name == tensor.name && $0.shape == tensor.shape }
            guard parts.count == series.count, areAlike, let values = joined(parts, like: tensor.values) else {
                throw .invalidModel(reason: "its series do not all have a tensor '\(tensor.name)' of one shape")
            }
            result.append(NamedTensor(name: tensor.name, shape: [series.count] + tensor.shape, values: values))
        }
        return result
    }

    /// The elements of tensors one behind the other; nil where their types differ.
    private static func joined(_ parts: [NamedTensor], like first: NamedTensor.Values) -> NamedTensor.Values? {
        func elements<Element>(_ own: (NamedTensor.Values) -> [Element]?) -> [Element]? {
            var all: [Element] = []
            for part in parts {
                guard let more = own(part.values) else { return nil }
                all += more
            }
            return all
        }
        return switch first {
        case .float32: elements { if case .float32(let own) = $0 { own } else { nil } }.map { .float32($0) }
        case .float64: elements { if case .float64(let own) = $0 { own } else { nil } }.map { .float64($0) }
        case .int64: elements { if case .int64(let own) = $0 { own } else { nil } }.map { .int64($0) }
        }
    }
}
