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
        return engine.tracked(result, from: [source]) { [source = source.node] gradient in
            source.accumulate(slopes * gradient)
        }
    }

    /// The mean pinball loss of forecast quantiles (R. Koenker and G. Bassett 1978).
    ///
    /// - Parameters:
    ///   - quantiles: Between 0 and 1, one for each element of the last axis.
    ///   - truth: The sizes of self without the last axis.
    package func quantileLoss(_ quantiles: [Float], against truth: Tensor) -> Tensor {
        precondition(
            sizes == truth.sizes + [quantiles.count],
            "quantile loss: shapes \(sizes) and \(truth.sizes) with \(quantiles.count) quantiles do not fit each other"
        )
        let error = truth.reshaped(truth.sizes + [1]) - self
        // Above the truth an error costs 1 - q, below it q.
        return (error * engine.tensor(quantiles, [quantiles.count]) + (error * -1).activated(.relu)).mean()
    }

    /// The mean negative logarithm of the density that normal distributions of these means and variances give to the
    /// truth, less its constant.
    package func gaussianLoss(variance: Tensor, against truth: Tensor) -> Tensor {
        precondition(
            sizes == truth.sizes && sizes == variance.sizes,
            "Gaussian loss: means \(sizes), variances \(variance.sizes) and truth \(truth.sizes) differ"
        )
        return (variance.activated(.log) + (self - truth).activated(.square) / variance).mean() * 0.5
    }
}
