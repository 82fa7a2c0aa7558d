// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport

extension SeededRandom {
    /// A text's bytes with one to six places changed, filled in or left out.
    ///
    /// - Parameters:
    ///   - alphabet: The bytes that come in.
    ///   - repeats: Whether pieces of the text may come twice as well.
    mutating func mutated(_ text: String, with alphabet: [UInt8], repeats: Bool = false) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...6, using: &self) {
            let place = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0..<(repeats ? 4 : 3), using: &self) {
            case 0: bytes[place] = pick(alphabet)
            case 1: bytes.insert(pick(alphabet), at: place)
            case 2 where repeats: bytes.insert(contentsOf: bytes[place...].prefix(50), at: place)
            default: bytes.remove(at: place)
            }
        }
        return bytes
    }
}
