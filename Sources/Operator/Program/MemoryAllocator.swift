// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CMalloc

/// How this process asks the C library for memory.
enum MemoryAllocator {
    /// Bytes from which a piece is mapped by itself, so that it goes back to the kernel as soon as it is freed.
    private static let mappedSize: Int32 = 256 << 10

    /// Trades a little speed for memory that does not stay behind after lists. Call it before there are threads.
    ///
    /// glibc gives each thread an arena of its own, and raises the size of mapped pieces to that of the largest one that
    /// was freed. A start reads pages of megabytes of JSON on all threads, so what they leave lies between what stays.
    static func keepSmall() {
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_MMAP_THRESHOLD, mappedSize)
        mallopt(M_TRIM_THRESHOLD, 4 * mappedSize)
    }
}
