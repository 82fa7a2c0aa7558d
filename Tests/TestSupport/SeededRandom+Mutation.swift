// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

extension SeededRandom {
    /// A body with some bytes changed, removed, doubled or put in.
    package mutating func mutate(_ body: [UInt8]) -> [UInt8] {
        var bytes = body
        for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
            let position = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0..<5, using: &self) {
            case 0: bytes[position] = UInt8.random(in: 0...255, using: &self)
            case 1: bytes.remove(at: position)
            case 2: bytes.insert(Array("[]{}\",:-.eE019\\u".utf8).randomElement(using: &self) ?? 0, at: position)
            case 3: bytes.replaceSubrange(position..<position, with: bytes[position...].prefix(40))
            default: bytes.removeLast(Int.random(in: 0...(bytes.count / 2), using: &self))
            }
        }
        return bytes
    }
}
