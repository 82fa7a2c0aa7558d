// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels
import COpenBLAS

/// Where tensors live and compute: memory, threads, random numbers, and the tape or plan that is being recorded.
///
/// Belongs to one task or thread, as all of its tensors do. OpenBLAS is set to one thread in this process, because the
/// engine shares its own threads out to matrix products and all other work alike.
package final class Engine {
    /// How many threads work on one operation; results are the same for the same number.
    package let threads: Int
    /// The instruction set of the kernels.
    package let instructionSet: InstructionSet
    /// Numbers for dropout and sampling.
    package var random: RandomStreams

    let kernels: ck_kernels
    private(set) var pool = BufferPool()
    private(set) var tape: Tape?
    private(set) var plan: Plan?
    private let team: ThreadTeam?
    /// The engines that work through one batch together with this one; nil where it has the batch for itself.
    let replicas: Replicas?

    /// Where replicas meet, and which of them this one is.
    typealias Replicas = (exchange: ReplicaExchange, rank: Int)

    /// An engine with its own memory.
    ///
    /// - Parameters:
    ///   - threads: How many processors it may keep busy, the calling one among them.
    ///   - seed: Of its random numbers.
    ///   - instructionSet: The best one of this processor where nil.
    /// - Throws: `TensorError`: `threadsRefused`, `unsupportedInstructionSet`.
    package init(
        threads: Int = 1,
        seed: UInt64 = 0,
        instructionSet: InstructionSet? = nil
    ) throws(TensorError) {
        precondition(threads >= 1, "Engine: \(threads) threads")
        let chosen = instructionSet ?? .best
        guard let table = ck_named(chosen.rawValue) else { throw .unsupportedInstructionSet(name: chosen.rawValue) }
        kernels = table.pointee
        self.instructionSet = chosen
        self.threads = threads
        team = threads > 1 ? try ThreadTeam(threads: threads) : nil
        random = RandomStreams(seed: seed)
        replicas = nil
        BLAS.setThreadCount(1)
    }

    /// One of several engines that work side by side, each on one thread; see `ReplicaTeam`.
    convenience init(replicating original: Engine, exchange: ReplicaExchange, rank: Int) {
        self.init(beside: original, replicas: (exchange, rank))
    }

    private init(beside other: Engine, replicas: Replicas? = nil) {
        kernels = other.kernels
        instructionSet = other.instructionSet
        threads = 1
        team = nil
        random = other.random
        self.replicas = replicas
    }

    /// An engine of the same kind with one thread and memory of its own, for another task.
    package func sibling() -> Engine { Engine(beside: self) }

    /// In how many parts work is shared out: some more than threads, so that one that was held up does not hold up all.
    var parts: Int { threads == 1 ? 1 : 2 * threads }

    /// The bytes that its tensors have ever needed at once, which a loop soon stops to raise.
    package var footprint: Int { pool.footprint }

    // MARK: Work

    /// Runs `body` over 0..<count, in parts on all threads where `cost` (element operations an item) makes that pay.
    ///
    /// Parts are the same for the same number of threads, whichever thread takes them: sums by part are reproducible.
    /// All reading and writing of elements goes through here: while a plan is recorded, the work is done and kept.
    /// `body` holds pointers, not tensors, so that a plan's memory is reused within the plan.
    func perform(_ count: Int, cost: Int, _ body: @escaping (_ range: Range<Int>, _ part: Int) -> Void) {
        guard count > 0 else { return }
        let step = PlanStep(count: count, parallel: threads > 1 && count > 1 && count * cost > 8_000, body: body)
        run(step)
        plan?.append(step)
    }

    /// Runs `body` for each of `parts` numbers on a thread of its own, at the same time.
    func runSideBySide(_ parts: Int, _ body: @escaping (_ part: Int) -> Void) {
        precondition(parts <= threads, "side by side: \(parts) parts on \(threads) threads")
        let step = PlanStep(count: parts, parallel: true) { range, _ in range.forEach(body) }
        if let team {
            team.run(step, parts: parts)
        } else {
            step.body(0..<parts, 0)
        }
    }

    func run(_ step: PlanStep) {
        if step.parallel, let team {
            team.run(step, parts: parts)
        } else {
            step.body(0..<step.count, 0)
        }
    }

    // MARK: Modes

    /// Computes a single element, such as a loss, and its gradients with respect to all leaves that want one.
    ///
    /// Gradients of parameters are added to what they hold; those of other leaves can be read afterwards.
    /// - Parameter weight: What gradients are multiplied by, such as a replica's share of a batch.
    package func differentiate(weight: Float = 1, _ body: () throws -> Tensor) rethrows -> Tensor {
        precondition(plan == nil && tape == nil, "differentiate: called within a plan or itself")
        let recorded = Tape()
        tape = recorded
        defer { tape = nil }
        let result = try body()
        precondition(result.count == 1, "differentiate: \(result.sizes) is not a single element")
        tape = nil
        result.node.accumulate(filled(weight, result.sizes))
        recorded.walkBack()
        return result
    }

    /// Runs `body` once and keeps its work as a plan that can be run again on the same memory.
    ///
    /// Inputs are the tensors that exist before; they are read again in each run. `body` makes no tensor of given
    /// elements: a plan repeats work, not what was written by hand.
    package func plan(_ body: () throws -> Tensor) rethrows -> Plan {
        precondition(plan == nil && tape == nil, "plan: recorded within a plan or a tape")
        let (ownPool, recorded) = (pool, Plan(engine: self))
        pool = BufferPool()
        plan = recorded
        defer {
            pool = ownPool
            plan = nil
        }
        recorded.finish(output: try body(), pool: pool)
        return recorded
    }
}

/// The instruction sets that the kernels are compiled for.
package enum InstructionSet: String, CaseIterable, Sendable {
    /// SSE2 on x86-64, NEON on arm64.
    case baseline
    /// AVX2 with FMA.
    case avx2
    /// AVX-512 F, BW, DQ and VL.
    case avx512

    /// The best one of this processor.
    package static var best: InstructionSet { available.last ?? .baseline }

    /// Those of this processor, the best one last.
    package static var available: [InstructionSet] { allCases.filter { ck_named($0.rawValue) != nil } }
}
