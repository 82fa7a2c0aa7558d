// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Losses of a forecast and the truth, as means over all elements.
package enum Loss: String, Sendable, CaseIterable, Codable {
    /// The square of the error.
    case mse
    /// The size of the error.
    case mae
    /// Half the square below an error of 1, the size less a half above.
    case huber

    var code: Int32 {
        switch self {
        case .mse: Int32(CK_MSE)
        case .mae: Int32(CK_MAE)
        case .huber: Int32(CK_HUBER)
        }
    }
}

extension Tensor {
    /// The mean loss against the truth, which gets no gradient.
    package func loss(_ loss: Loss, against truth: Tensor) -> Tensor {
        precondition(sizes == truth.sizes && count > 0, "\(loss) loss: shapes \(sizes) and \(truth.sizes) differ")
        let (source, target) = (contiguous(), truth.contiguous())
        let (result, slopes) = (engine.empty([]), engine.empty(sizes))
        let (x, y, total, dx, count) = (source.pointer, target.pointer, result.pointer, slopes.pointer, count)
        let (kernel, code) = (engine.kernels.loss, loss.code)
        engine.perform(1, cost: 0) { _, _ in
            total[0] = Float(kernel(code, count, x, y, 1 / Float(count), dx) / Double(count))
        }
        return engine.tracked(result, from: [source]) { gradient in source.accumulate(slopes * gradient) }
    }
}
