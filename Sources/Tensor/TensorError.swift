// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What can go wrong with valid shapes; wrong shapes are programming errors and stop the process.
package enum TensorError: Error, Equatable, CustomStringConvertible {
    /// The matrix of a symmetric system is not positive definite: its leading minor of this order is not positive.
    case notPositiveDefinite(order: Int, minor: Int)
    /// The matrix or the right sides of a system hold NaN or infinite values.
    case notFinite(operation: String)
    /// A parameter of a model is not among the stored ones.
    case parameterMissing(name: String)
    /// A stored parameter has other sizes than the model's.
    case parameterShape(name: String, expected: [Int], actual: [Int])
    /// The system did not start the threads of an engine.
    case threadsRefused(count: Int)
    /// This processor lacks an instruction set that was asked for.
    case unsupportedInstructionSet(name: String)

    package var description: String {
        switch self {
        case .notPositiveDefinite(let order, let minor):
            "the symmetric matrix of order \(order) is not positive definite (leading minor \(minor)); "
                + "its columns are linearly dependent"
        case .notFinite(let operation):
            "\(operation): the input holds NaN or infinite values"
        case .parameterMissing(let name):
            "parameter '\(name)' is missing"
        case .parameterShape(let name, let expected, let actual):
            "parameter '\(name)' has the shape \(actual), where \(expected) is needed"
        case .threadsRefused(let count):
            "the system refused to start \(count) threads; check the pod's limit of processes"
        case .unsupportedInstructionSet(let name):
            "this processor has no \(name) instructions"
        }
    }
}
