// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization

/// Works on the elements of an array on several threads, the calling one among them, which has to be one that may block.
enum ParallelElements {
    /// Calls `work` for each of the first `count` elements, once, and returns when all calls have.
    ///
    /// A thread that is done with an element takes the next one.
    static func update<Element>(
        _ elements: inout [Element],
        count: Int,
        threads: Int,
        _ work: @Sendable (_ index: Int, _ element: inout Element) -> Void
    ) {
        guard threads > 1, count > 1 else {
            for index in 0..<count { work(index, &elements[index]) }
            return
        }
        let next = Atomic(0)
        elements.withUnsafeMutableBufferPointer { buffer in
            // The counter gives each element to one call only.
            nonisolated(unsafe) let shared = buffer
            DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
                while true {
                    let index = next.add(1, ordering: .relaxed).oldValue
                    guard index < count else { return }
                    work(index, &shared[index])
                }
            }
        }
    }
}
