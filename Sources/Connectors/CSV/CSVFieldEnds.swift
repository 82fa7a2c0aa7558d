// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Finds where fields without quotes end, eight bytes at a time.
struct CSVFieldEnds: Sendable {
    // Two of them: a pair would be no constant, but be looked for in each cell.
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    private let delimiter: UInt8
    private let delimiters: UInt64

    init(delimiter: UInt8) {
        self.delimiter = delimiter
        delimiters = UInt64(delimiter) &* Self.ones
    }

    /// Whether a field ends before this byte.
    @inline(__always)
    func isEnd(_ byte: UInt8) -> Bool {
        byte == delimiter || byte == ASCII.lineFeed || byte == ASCII.carriageReturn
    }

    /// The position of the first delimiter or line break from `start` on, or the end of the text.
    @inline(__always)
    func end(of text: UnsafeRawBufferPointer, from start: Int) -> Int {
        var cursor = start
        while cursor + 8 <= text.count {
            let word = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: cursor, as: UInt64.self))
            let ends =
                Self.zeros(word ^ delimiters) | Self.zeros(word ^ (UInt64(ASCII.lineFeed) &* Self.ones))
                | Self.zeros(word ^ (UInt64(ASCII.carriageReturn) &* Self.ones))
            if ends != 0 { return cursor + ends.trailingZeroBitCount >> 3 }
            cursor += 8
        }
        while cursor < text.count, !isEnd(text[cursor]) { cursor += 1 }
        return cursor
    }

    /// The top bit of each byte that is zero; above the first one other bits may be set too.
    @inline(__always)
    private static func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & tops }
}
