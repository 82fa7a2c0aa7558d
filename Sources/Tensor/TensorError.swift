// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What can go wrong with valid shapes; wrong shapes are programming errors and stop the process.
package enum TensorError: Error, Equatable, CustomStringConvertible {
    /// The matrix of a symmetric system is not positive definite: its leading minor of this order is not positive.
    case notPositiveDefinite(order: Int, minor: Int)
    /// The matrix or the right sides of a system hold NaN or infinite values.
    case notFinite(operation: String)

    package var description: String {
        switch self {
        case .notPositiveDefinite(let order, let minor):
            "the symmetric matrix of order \(order) is not positive definite (leading minor \(minor)); "
                + "its columns are linearly dependent"
        case .notFinite(let operation):
            "\(operation): the input holds NaN or infinite values"
        }
    }
}
