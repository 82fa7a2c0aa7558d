// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore

/// Why the runtime stopped, or stopped something.
package enum RuntimeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A controller may not start without a full cache, and none came in time.
    case cacheNotSynced(controller: String, kinds: [String], after: Duration)
    /// Another process leads now, or nobody knows; this one must exit.
    case leadershipLost(lease: ObjectKey, reason: String)
    /// A write was refused here because this process does not lead, or not for sure.
    case notLeading(request: String)
    /// One reconciliation took too long.
    case reconcileTimedOut(controller: String, after: Duration)
    /// After `ControllerHost.stop` the running reconciliations took too long and were cancelled.
    case unfinishedWork(after: Duration)

    package var description: String {
        switch self {
        case .cacheNotSynced(let controller, let kinds, let after):
            "controller \(controller): no list of \(kinds.joined(separator: ", ")) within \(after); "
                + "see the log for what the API server answers, for instance a missing permission to list or watch"
        case .leadershipLost(let lease, let reason):
            "lost the lease \(lease): \(reason); this process stops so that no two write"
        case .notLeading(let request): "did not send \(request): this process does not lead now"
        case .reconcileTimedOut(let controller, let after):
            "controller \(controller): the reconciliation was cancelled because it took longer than \(after)"
        case .unfinishedWork(let after): "reconciliations were still running \(after) after the call to stop"
        }
    }
}
