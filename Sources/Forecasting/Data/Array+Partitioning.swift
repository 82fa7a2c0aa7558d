// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

extension Array {
    /// The first place from which on a condition holds that never ends to hold; the count where it holds nowhere.
    func partitioningIndex(where holds: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
