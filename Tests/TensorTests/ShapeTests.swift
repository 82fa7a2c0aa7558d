// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Tensor

/// What a wrong shape says before it stops the process.
@Suite("Wrong shapes")
struct ShapeTests {
    /// A wrong call: what its message says, and the operation on tensors of given sizes.
    struct Case: Sendable {
        let message: String
        let sizes: [[Int]]
        let operation: @Sendable ([Tensor]) -> Void

        init(_ message: String, _ sizes: [Int]..., operation: @escaping @Sendable ([Tensor]) -> Any) {
            self.message = message
            self.sizes = sizes
            self.operation = { _ = operation($0) }
        }
    }

    static let cases: [Case] = [
        Case("add: shapes [2, 3] and [4]", [2, 3], [4]) { $0[0] + $0[1] },
        Case("subtract: shapes [2, 3] and [3, 2]", [2, 3], [3, 2]) { $0[0] - $0[1] },
        Case("multiply: shapes [2, 3] and [2]", [2, 3], [2]) { $0[0] * $0[1] },
        Case("divide: shapes [5] and [2, 4]", [5], [2, 4]) { $0[0] / $0[1] },
        Case("reshape: [2, 3] does not fit into [4, 2]", [2, 3]) { $0[0].reshaped([4, 2]) },
        Case("transpose: [2, 3] has no axes 0 and 2", [2, 3]) { $0[0].transposed(0, 2) },
        Case("narrow: 1..<5 of axis 1 is outside of [2, 3]", [2, 3]) { $0[0].narrowed(1, 1..<5) },
        Case("concatenate: shapes [2, 3] and [2, 4], axis 0", [2, 3], [2, 4]) { Tensor.concatenated($0, over: 0) },
        Case("linear: input [2, 3], weight [5, 4] and bias [5]", [2, 3], [5, 4], [5]) { $0[0].linear($0[1], $0[2]) },
        Case("matmul: shapes [2, 3] and [4, 5]", [2, 3], [4, 5]) { $0[0].matmul($0[1]) },
        Case("matmul: shapes [2, 4, 3] and [3, 3, 5]", [2, 4, 3], [3, 3, 5]) { $0[0].matmul($0[1]) },
        Case("softmax: mask [4] does not fit [2, 3]", [2, 3], [4]) { $0[0].softmax(mask: $0[1]) },
        Case("layer norm: input [2, 3], residual [2, 3], weight [2], bias [3]", [2, 3], [2], [3]) {
            $0[0].layerNorm($0[1], $0[2])
        },
        Case("batch norm: input [2, 3], weight [3], bias [2]", [2, 3], [3], [2]) {
            let statistics = BatchStatistics(mean: $0[1], variance: $0[1])
            return $0[0].batchNorm($0[1], $0[2], statistics: statistics, training: true)
        },
        Case("convolution: input [2, 5, 3], weight [4, 8], bias [4], 3 taps", [2, 5, 3], [4, 8], [4]) {
            $0[0].convolution($0[1], $0[2], SlidingWindow(taps: 3))
        },
        Case("over 2 steps", [1, 2, 3]) { $0[0].unfolded(SlidingWindow(taps: 3)) },
        Case("max pool: 3 taps, stride 2, padding 2 over [batch, time, channels] [1, 5, 2]", [1, 5, 2]) {
            $0[0].maxPooled(padding: 2)
        },
        Case("rows: indices [2, 2] do not fit [3, 4, 5]", [3, 4, 5]) {
            $0[0].rows(at: $0[0].engine.indices([0, 1, 2, 3], [2, 2]))
        },
        Case("rows: index 7 is outside of 4 rows", [4, 5]) { $0[0].rows(at: $0[0].engine.indices([7], [1])) },
        Case("scatter: indices [4] do not fit [3, 5]", [3, 5]) {
            $0[0].scatteredRows(at: $0[0].engine.indices([0, 1, 2, 3], [4]), count: 6)
        },
        Case("largest: 4 of [2, 3]", [2, 3]) { $0[0].largest(4).values },
        Case("sum: [2, 3] has no axis 2", [2, 3]) { $0[0].sum(over: 2) },
        Case("variance: axis 1 of [2, 1] has too few elements", [2, 1]) { $0[0].variance(over: 1, unbiased: true) },
        Case("cumulative sum: [2, 3] has no axis 2", [2, 3]) { $0[0].cumulativeSum(over: 2) },
        Case("self attention: [2, 5, 7] is not", [2, 5, 7]) { $0[0].selfAttention(AttentionOptions(heads: 2)) },
        Case("cross attention: queries [2, 5, 4] and keys and values [2, 3, 4]", [2, 5, 4], [2, 3, 4]) {
            $0[0].crossAttention(to: $0[1], AttentionOptions(heads: 2))
        },
        Case("lstm: input [2, 5, 3], weights [8, 3] and [12, 3]", [2, 5, 3], [8, 3], [12, 3], [12], [12]) {
            $0[0].lstm(PyTorchTests.weights($0)).hidden
        },
        Case("gru: initial state [2, 2], not [2, 3]", [2, 5, 3], [9, 3], [9, 3], [9], [9], [2, 2]) {
            $0[0].gru(PyTorchTests.weights($0), initial: $0[5])
        },
        Case("mse loss: shapes [2, 3] and [3, 2]", [2, 3], [3, 2]) { $0[0].loss(.mse, against: $0[1]) },
        Case("quantile loss: shapes [2, 3] and [2] with 2 quantiles", [2, 3], [2]) {
            $0[0].quantileLoss([0.1, 0.9], against: $0[1])
        },
        Case("Gaussian loss: means [2], variances [3] and truth [2]", [2], [3]) {
            $0[0].gaussianLoss(variance: $0[1], against: $0[0])
        },
    ]

    @Test("stop the process, naming the operation and the shapes", arguments: cases.indices)
    func message(_ index: Int) async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
            let (engine, test) = (try Engine(), ShapeTests.cases[index])
            test.operation(test.sizes.map { engine.filled(0, $0) })
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text.contains(Self.cases[index].message))
    }
}
