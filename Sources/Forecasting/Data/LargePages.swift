// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Asks the kernel for large pages behind long arrays, as NumPy does: with small ones, a page fault for each 512 numbers
/// takes longer than what is computed of them.
enum LargePages {
    /// From how many bytes on it is worth asking: two large pages of x86-64.
    private static let leastBytes = 4 << 20

    /// Asks for memory that nothing was written to yet. Where the kernel does not do it, nothing changes.
    static func advise(_ start: UnsafeMutableRawPointer?, bytes: Int) {
        #if os(Linux)
            guard let start, bytes >= leastBytes else { return }
            let page = sysconf(Int32(_SC_PAGESIZE))
            let first = start.alignedUp(toMultipleOf: page)
            _ = madvise(first, bytes - start.distance(to: first), MADV_HUGEPAGE)
        #endif
    }
}

extension Array where Element: BitwiseCopyable {
    /// An array of `count` elements, all of which `body` writes, on large pages where it is long.
    package init(long count: Int, _ body: (_ elements: UnsafeMutableBufferPointer<Element>) -> Void) {
        self.init(unsafeUninitializedCapacity: count) { buffer, written in
            LargePages.advise(buffer.baseAddress, bytes: count * MemoryLayout<Element>.stride)
            body(buffer)
            written = count
        }
    }

    /// Makes room for `count` elements, on large pages where they are many.
    package mutating func reserveLongCapacity(_ count: Int) {
        reserveCapacity(count)
        withUnsafeMutableBufferPointer {
            LargePages.advise($0.baseAddress, bytes: count * MemoryLayout<Element>.stride)
        }
    }
}
