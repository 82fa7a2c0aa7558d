// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How the forecasts of one model share the processors.
package enum Parallelism: Hashable, Sendable {
    /// One call at a time, on so many threads: for evaluation, where one caller wants an answer soon.
    case together(threads: Int)
    /// Up to so many calls at a time, each on its own thread: for serving, where many callers want answers.
    case sideBySide(calls: Int)

    /// The threads that a call computes on.
    var threads: Int {
        switch self {
        case .together(let threads): max(1, threads)
        case .sideBySide: 1
        }
    }

    /// How many calls are computed at a time.
    var calls: Int {
        switch self {
        case .together: 1
        case .sideBySide(let calls): max(1, calls)
        }
    }
}
