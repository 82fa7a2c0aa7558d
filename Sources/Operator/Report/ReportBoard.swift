// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore
import Synchronization

/// What serving pods said last.
final class ReportBoard: Sendable {
    private struct Entry {
        var uid: String
        var answer: PodAnswer
    }

    private let entries = Mutex<[ObjectKey: Entry]>([:])

    /// What that very pod has come to; nil as long as it was not asked.
    subscript(pod: Pod) -> PodAnswer? {
        entries.withLock { entries in
            entries[pod.key].flatMap { $0.uid == pod.metadata.uid ? $0.answer : nil }
        }
    }

    /// Notes the outcome of an attempt; gives back the answer as it is now, and whether it tells something new.
    func note(_ result: Result<ServingReport, ReportError>, of pod: Pod, now: Date) -> (PodAnswer, isNews: Bool) {
        entries.withLock { entries in
            let known = entries[pod.key].flatMap { $0.uid == pod.metadata.uid ? $0.answer : nil }
            let before = known ?? PodAnswer(changeTime: now)
            let (answer, isNews) =
                switch result {
                case .success(let report): before.with(report, now: now)
                case .failure(let error): before.with(failure: error.reason, now: now)
                }
            entries[pod.key] = Entry(uid: pod.metadata.uid ?? "", answer: answer)
            return (answer, isNews || known == nil)
        }
    }

    /// Forgets a pod.
    func forget(_ key: ObjectKey) { entries.withLock { $0[key] = nil } }
}

/// Why a pod's report could not be got.
struct ReportError: Error, Sendable, Equatable {
    /// The reason, for a message.
    var reason: String
}
