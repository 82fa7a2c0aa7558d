// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Reads a text from left to right; every step says whether it found what it wanted.
struct ByteCursor {
    let text: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
    }

    var isAtEnd: Bool { position == text.count }
    var next: UInt8? { position < text.count ? text[position] : nil }

    /// Passes over one byte if it is the given one.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// Reads at least `least` and at most `most` digits; `most` is at most 9.
    mutating func number(atLeast least: Int, atMost most: Int) -> Int? {
        let start = position
        var value = 0
        while let digit = next?.digitValue, digit <= 9, position - start < most {
            value = value * 10 + Int(digit)
            position += 1
        }
        return position - start >= least ? value : nil
    }

    /// Reads three letters as a lower-case text.
    mutating func threeLetters() -> [UInt8]? {
        guard text.count - position >= 3 else { return nil }
        defer { position += 3 }
        return text[position..<position + 3].map(\.lowercasedASCII)
    }

    /// Passes over digits, at least one, and says whether all of them are zeros.
    mutating func zeros() -> Bool? {
        let start = position
        var allZero = true
        while let digit = next?.digitValue, digit <= 9 {
            allZero = allZero && digit == 0
            position += 1
        }
        return position > start ? allZero : nil
    }

    /// Reads `Z`, `+hh:mm`, `+hhmm` or `+hh` as seconds ahead of UTC.
    mutating func offset() throws(TimestampProblem) -> Int {
        if skip(UInt8(ascii: "Z")) || skip(UInt8(ascii: "z")) { return 0 }
        let isWest = next == ASCII.minus
        guard skip(ASCII.plus) || skip(ASCII.minus), let hours = number(atLeast: 2, atMost: 2) else {
            throw .malformed
        }
        var minutes = 0
        if skip(ASCII.colon) || (next?.digitValue ?? 10) <= 9 {
            guard let written = number(atLeast: 2, atMost: 2) else { throw .malformed }
            minutes = written
        }
        guard hours <= 23, minutes <= 59 else { throw .noSuchTime }
        let seconds = (hours * 60 + minutes) * 60
        return isWest ? -seconds : seconds
    }
}
