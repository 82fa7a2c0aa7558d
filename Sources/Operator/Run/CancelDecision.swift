// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

extension ObservedRun {
    /// Ends the run: first its Jobs, then, once they are gone, its status. What has ended by then stays for its log.
    func cancelled(_ now: Date) -> Plan<ForecastRunStatus> {
        let active = jobs.filter { !$0.hasEnded && $0.metadata.deletionTimestamp == nil }
        guard active.isEmpty else {
            return Plan(writes: active.map { .deleteJob($0.key, uid: $0.metadata.uid) })
        }
        let steps = run.status?.steps ?? []
        let current = steps.first { $0.state == .running }?.name
        let done = steps.count { $0.state == .succeeded }
        let place =
            steps.isEmpty
            ? "before its first step" : "\(current.map { "in step \($0), " } ?? "")\(done) of \(steps.count) steps done"
        var plan = final(.cancelled, "ended by spec.cancel, \(place)", now)
        plan.status?.steps = run.status?.steps?.map { step in
            guard step.state == .running else { return step }
            var ended = step
            ended.state = .failed
            ended.completionTime = now
            ended.reason = Reason.cancelled.rawValue
            ended.message = "ended by spec.cancel"
            return ended
        }
        plan.statusEvents = plan.statusEvents.map {
            var note = $0
            note.isWarning = false
            return note
        }
        return plan
    }
}
