// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// From start to end of one process, and the wish to end it, whichever comes first.
final class ProcessLife: Sendable {
    private enum State {
        case unborn
        case unwanted
        case running(pid_t)
        case ended(ChildProcess.Ending)
    }

    private let state = Mutex(State.unborn)
    private let grace: Double

    init(grace: Double) { self.grace = grace }

    /// How the process ended; a process that has not is taken to be well.
    var ending: ChildProcess.Ending {
        state.withLock { if case .ended(let ending) = $0 { ending } else { .exited(0) } }
    }

    /// Notes the process's start; ends it at once when that was asked for already.
    func begin(_ pid: pid_t) {
        let isUnwanted = state.withLock { state in
            switch state {
            case .unborn: state = .running(pid)
            case .unwanted:
                state = .running(pid)
                return true
            case .running, .ended: break
            }
            return false
        }
        if isUnwanted { terminate() }
    }

    /// Notes the process's end.
    func end(_ ending: ChildProcess.Ending) { state.withLock { $0 = .ended(ending) } }

    /// Asks the process to end, and makes it end when it does not in time.
    func terminate() {
        send(SIGTERM)
        DispatchQueue.global().asyncAfter(deadline: .now() + grace) { [weak self] in self?.send(SIGKILL) }
    }

    /// Under the lock, so that no signal goes to a number that was given to another process after the end was noted.
    private func send(_ signal: Int32) {
        state.withLock { state in
            switch state {
            case .unborn: state = .unwanted
            case .running(let pid): kill(pid, signal)
            case .unwanted, .ended: break
            }
        }
    }
}
