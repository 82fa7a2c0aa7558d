// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import CZlib

/// The checksum of a page: CRC-32 as in gzip.
enum PageChecksum {
    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
    }
}
