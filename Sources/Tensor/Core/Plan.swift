// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A piece of work that can be shared out: `body` over 0..<count.
struct PlanStep {
    let count: Int
    let parallel: Bool
    let body: (_ range: Range<Int>, _ part: Int) -> Void
}

/// The recorded work of a computation, with its memory: running it again allocates nothing and checks nothing.
///
/// It reads the tensors that it was recorded with, wherever they were made before it; their owner keeps them alive.
package final class Plan {
    private let engine: Engine
    private var steps: [PlanStep] = []
    private var result: Tensor?
    private var kept: [Indices] = []
    /// The memory between the steps. Nothing takes from it after the recording, so it stays as the steps know it.
    private var pool: BufferPool?

    init(engine: Engine) { self.engine = engine }

    func append(_ step: PlanStep) { steps.append(step) }

    func finish(output: Tensor, pool: BufferPool) {
        self.pool = pool
        result = output.isContiguous ? output : output.contiguous()
    }

    /// What the computation returned: the same tensor, with new elements after each run.
    package var output: Tensor {
        guard let result else { preconditionFailure("Plan: not recorded") }
        return result
    }

    /// Keeps indices alive that the plan reads.
    package func keep(_ indices: [Indices]) { kept += indices }

    /// The bytes between inputs and output.
    package var footprint: Int { pool?.footprint ?? 0 }

    /// Does the work again on what the inputs hold now.
    package func run() {
        for step in steps { engine.run(step) }
    }
}
