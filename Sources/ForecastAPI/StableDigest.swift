// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import KubeCore

/// A short digest that is the same in every process and every version: FNV-1a with 64 bits (Fowler, Noll, Vo; 1991).
///
/// It tells values apart; it does not protect against somebody who looks for collisions.
package enum StableDigest {
    /// The digest of a text as lowercase hexadecimal digits, 1 to 16 of them.
    package static func hex(_ text: String, digits: Int = 16) -> String { hex(Array(text.utf8), digits: digits) }

    /// The digest of a value's canonical JSON.
    package static func hex(of value: some Encodable) throws -> String {
        hex(Array(try KubeJSON.encoder().encode(value)), digits: 16)
    }

    private static func hex(_ bytes: [UInt8], digits: Int) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes {
            hash ^= UInt64(byte)
            hash = hash &* 0x0000_0100_0000_01b3
        }
        let text = String(hash, radix: 16)
        let padded = String(repeating: "0", count: 16 - text.count) + text
        return String(padded.suffix(digits))
    }
}
