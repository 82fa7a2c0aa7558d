// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A named array of numbers in row-major order, as safetensors files hold it.
package struct NamedTensor: Hashable, Sendable {
    /// The element types that we read and write.
    package enum Values: Hashable, Sendable {
        case float32([Float])
        case float64([Double])
        case int64([Int64])

        /// The number of elements.
        package var count: Int {
            switch self {
            case .float32(let values): values.count
            case .float64(let values): values.count
            case .int64(let values): values.count
            }
        }
    }

    /// The name, unique in its file.
    package let name: String
    /// The sizes of the dimensions; their product is the number of elements.
    package let shape: [Int]
    /// The elements.
    package let values: Values

    /// A tensor whose elements fill its shape.
    package init(name: String, shape: [Int], values: Values) {
        precondition(
            shape.reduce(1, *) == values.count,
            "NamedTensor \(name): \(values.count) elements do not fill \(shape)"
        )
        self.name = name
        self.shape = shape
        self.values = values
    }
}

extension [NamedTensor] {
    /// The 32-bit elements of a tensor that a model needs.
    /// - Throws: `ForecastingError.invalidModel` when it is missing, or has another type, shape or values that are not finite.
    func float32(_ name: String, shape: [Int]) throws(ForecastingError) -> [Float] {
        guard let tensor = first(where: { $0.name == name }) else {
            throw .invalidModel(reason: "tensor '\(name)' is missing")
        }
        guard tensor.shape == shape, case .float32(let values) = tensor.values else {
            throw .invalidModel(reason: "tensor '\(name)' is not F32 of \(shape)")
        }
        guard values.allSatisfy(\.isFinite) else {
            throw .invalidModel(reason: "tensor '\(name)' holds values that are not finite")
        }
        return values
    }
}
