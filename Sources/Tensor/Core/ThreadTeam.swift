// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Threads that share out steps between them.
final class ThreadTeam {
    private let team: OpaquePointer

    init(threads: Int) throws(TensorError) {
        guard let team = ck_team_create(Int32(clamping: threads)) else { throw .threadsRefused(count: threads) }
        self.team = team
    }

    deinit { ck_team_destroy(team) }

    private struct Job {
        let step: PlanStep
        let parts: Int
    }

    /// Runs a step in `parts` parts of equal size on whichever threads are free, and waits for all of them.
    func run(_ step: PlanStep, parts: Int) {
        withUnsafePointer(to: Job(step: step, parts: parts)) { job in
            ck_team_run(
                team,
                Int32(parts),
                { context, part in
                    guard let job = context?.assumingMemoryBound(to: Job.self) else { return }
                    let (count, parts) = (job.pointee.step.count, job.pointee.parts)
                    let range = (count * Int(part) / parts)..<(count * (Int(part) + 1) / parts)
                    if !range.isEmpty { job.pointee.step.body(range, Int(part)) }
                },
                UnsafeMutableRawPointer(mutating: job)
            )
        }
    }
}
