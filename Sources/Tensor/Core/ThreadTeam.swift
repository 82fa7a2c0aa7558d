// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Threads that share out steps between them.
final class ThreadTeam {
    private let team: OpaquePointer
    private let threads: Int

    init(threads: Int) throws(TensorError) {
        guard let team = ck_team_create(Int32(clamping: threads)) else { throw .threadsRefused(count: threads) }
        self.team = team
        self.threads = threads
    }

    deinit { ck_team_destroy(team) }

    private struct Job {
        let step: PlanStep
        let threads: Int
    }

    /// Runs a step in as many parts as there are threads, and waits for all of them.
    func run(_ step: PlanStep) {
        withUnsafePointer(to: Job(step: step, threads: threads)) { job in
            ck_team_run(
                team,
                { context, part in
                    let job = context.assumingMemoryBound(to: Job.self)
                    let (count, threads) = (job.pointee.step.count, job.pointee.threads)
                    let range = (count * Int(part) / threads)..<(count * (Int(part) + 1) / threads)
                    if !range.isEmpty { job.pointee.step.body(range, Int(part)) }
                },
                UnsafeMutableRawPointer(mutating: job)
            )
        }
    }
}
