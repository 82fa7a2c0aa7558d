// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How many processors this process may keep busy.
///
/// A container's limit is a quota of time, not a number of processors: OpenBLAS sees all of the machine's, starts a
/// thread on each, and the kernel then holds all of them back together.
struct CPULimit: Sendable, Equatable {
    /// Content of version 2's `cpu.max`, for instance `150000 100000` or `max 100000`; nil where it is not there.
    var maximum: String?
    /// Content of version 1's `cpu.cfs_quota_us`, -1 for none; nil where it is not there.
    var quota: String?
    /// Content of version 1's `cpu.cfs_period_us`.
    var period: String?

    /// What the kernel says of this process' own group.
    static func current(root: String = "/sys/fs/cgroup") -> CPULimit {
        func read(_ name: String) -> String? { try? String(contentsOfFile: "\(root)/\(name)", encoding: .utf8) }
        return CPULimit(
            maximum: read("cpu.max"),
            quota: read("cpu/cpu.cfs_quota_us"),
            period: read("cpu/cpu.cfs_period_us")
        )
    }

    /// The number of threads: the quota rounded up, at least 1 and at most `processors`.
    func threads(processors: Int) -> Int {
        let words = maximum?.split(whereSeparator: \.isWhitespace).map(String.init) ?? [quota, period].compactMap(\.self)
        let most = max(1, processors)
        guard
            words.count == 2,
            let time = Double(words[0].trimmingCharacters(in: .whitespacesAndNewlines)),
            let period = Double(words[1].trimmingCharacters(in: .whitespacesAndNewlines)),
            time > 0, period > 0, (time / period).isFinite
        else { return most }
        return Int(min(Double(most), max(1, (time / period).rounded(.up))))
    }
}
