// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Turns decimal text into the nearest `Double`, ties to even: the same bits as `strtod`, mostly without calling it.
///
/// Two exact short cuts cover what data files hold. Up to 2^53 the digits and 10^0...10^22 are doubles themselves, so
/// one multiplication or division rounds once (W. D. Clinger, "How to read floating point numbers accurately", 1990).
/// Up to 19 digits with 1 to 27 decimal places, the quotient digits / 5^places is taken in 128-bit integers, whose
/// remainder tells on which side of a tie it lies. All else goes to `strtod`.
struct DecimalParser: Sendable {
    /// What a text means.
    enum Outcome: Equatable {
        /// The nearest number.
        case number(Double)
        /// The text is not `[+-] digits [. digits] [e [+-] digits]` with a digit before the exponent.
        case malformed
        /// The number is beyond the largest `Double`.
        case overflow
    }

    /// The parts of a number before they are put together.
    private struct Parts {
        var isNegative = false
        var digits: UInt64 = 0
        var digitCount = 0
        var exponent = 0
        var firstDigit = 0
    }

    // Within the value: an array's owners would be counted for each number.
    /// 10^0 to 10^22, all of them exact.
    private let powersOfTen: InlineArray<23, Double>
    /// 5^0 to 5^27, the last that fits into 64 bits.
    private let powersOfFive: InlineArray<28, UInt64>

    init() {
        // Each product is exact: 10^22 is the last power of ten that a Double holds.
        powersOfTen = InlineArray(first: 1) { $0 * 10 }
        powersOfFive = InlineArray(first: 1) { $0 * 5 }
    }

    /// Parses the whole text, which has no spaces around it.
    func parse(_ text: UnsafeRawBufferPointer) -> Outcome {
        guard var parts = split(text) else { return .malformed }
        // The digits of 20 and more may have wrapped round, unless zeros lead.
        if parts.digitCount > 19 {
            parts.digitCount -= leadingZeros(text, from: parts.firstDigit)
            if parts.digitCount > 19 { return throughLibrary(text) }
        }
        guard let magnitude = exactMagnitude(parts.digits, exponent: parts.exponent) else {
            return throughLibrary(text)
        }
        return .number(parts.isNegative ? -magnitude : magnitude)
    }

    // MARK: Grammar

    private func split(_ text: UnsafeRawBufferPointer) -> Parts? {
        var parts = Parts()
        var cursor = 0
        if let first = text.first, first == ASCII.minus || first == ASCII.plus {
            parts.isNegative = first == ASCII.minus
            cursor = 1
        }
        parts.firstDigit = cursor
        let wholeEnd = readDigits(text, from: cursor, into: &parts.digits)
        parts.digitCount = wholeEnd - cursor
        cursor = wholeEnd
        if cursor < text.count, text[cursor] == ASCII.point {
            let fractionEnd = readDigits(text, from: cursor + 1, into: &parts.digits)
            parts.exponent = -(fractionEnd - cursor - 1)
            parts.digitCount -= parts.exponent
            cursor = fractionEnd
        }
        guard parts.digitCount > 0 else { return nil }
        if cursor < text.count, text[cursor] | 0x20 == UInt8(ascii: "e") {
            guard let exponent = readExponent(text, from: cursor + 1) else { return nil }
            parts.exponent += exponent
            return parts
        }
        return cursor == text.count ? parts : nil
    }

    /// Appends digits to `value`, wrapping round, and returns where they end.
    @inline(__always)
    private func readDigits(_ text: UnsafeRawBufferPointer, from start: Int, into value: inout UInt64) -> Int {
        var cursor = start
        while cursor < text.count {
            let digit = text[cursor].digitValue
            if digit > 9 { break }
            value = value &* 10 &+ UInt64(digit)
            cursor += 1
        }
        return cursor
    }

    /// Reads the exponent, which must end the text.
    ///
    /// Beyond ±10^9 every one means the same: no record is that long.
    private func readExponent(_ text: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var cursor = start
        var isNegative = false
        if cursor < text.count, text[cursor] == ASCII.minus || text[cursor] == ASCII.plus {
            isNegative = text[cursor] == ASCII.minus
            cursor += 1
        }
        guard cursor < text.count else { return nil }
        var value = 0
        while cursor < text.count {
            let digit = text[cursor].digitValue
            guard digit <= 9 else { return nil }
            value = min(value * 10 + Int(digit), 1_000_000_000)
            cursor += 1
        }
        return isNegative ? -value : value
    }

    /// How many zeros come before the first digit that counts; a point among them is passed over.
    private func leadingZeros(_ text: UnsafeRawBufferPointer, from start: Int) -> Int {
        var zeros = 0
        for cursor in start..<text.count {
            if text[cursor] == ASCII.zero {
                zeros += 1
            } else if text[cursor] != ASCII.point {
                break
            }
        }
        return zeros
    }

    // MARK: Value

    /// digits · 10^exponent where that can be had exactly rounded, else nil.
    private func exactMagnitude(_ digits: UInt64, exponent: Int) -> Double? {
        if digits == 0 { return 0 }
        if digits <= 1 << 53 {
            if exponent <= 0, exponent >= -22 { return Double(digits) / powersOfTen[-exponent] }
            if exponent > 0, exponent <= 22 { return Double(digits) * powersOfTen[exponent] }
        }
        return exponent < 0 && exponent >= -27 ? quotient(digits, places: -exponent) : nil
    }

    /// digits / 10^places, rounded once; `digits` is not 0, `places` is 1...27.
    private func quotient(_ digits: UInt64, places: Int) -> Double {
        let five = powersOfFive[places]
        let numerator = digits << UInt64(digits.leadingZeroBitCount)
        let denominator = five << UInt64(five.leadingZeroBitCount)
        // With both top bits set, this scale makes the quotient exactly 64 bits long, so the division cannot overflow.
        let fits = numerator < denominator
        let dividend = fits ? (high: numerator, low: 0) : (high: numerator >> 1, low: numerator << 63)
        let (bits, remainder) = denominator.dividingFullWidth(dividend)
        let scale = five.leadingZeroBitCount - digits.leadingZeroBitCount - places - (fits ? 64 : 63)

        // 64 bits to 53: the last 11 and the remainder decide.
        var significand = bits >> 11
        let rest = bits & 0x7FF
        if rest > 0x400 || (rest == 0x400 && (remainder != 0 || significand & 1 == 1)) { significand += 1 }
        // The result lies between 10^-27 and 2^64, so the power of two is a normal number and the product is exact.
        return Double(significand) * Double(bitPattern: UInt64(1023 + scale + 11) << 52)
    }

    /// digits / 10^places for digits up to 2^53 and up to 22 places.
    @inline(__always)
    func quotient(small digits: UInt64, places: Int) -> Double { Double(digits) / powersOfTen[places] }

    private func throughLibrary(_ text: UnsafeRawBufferPointer) -> Outcome {
        let value = withUnsafeTemporaryAllocation(byteCount: text.count + 1, alignment: 1) { copy in
            copy.copyMemory(from: text)
            copy[text.count] = 0
            guard let start = copy.baseAddress else { return Double.nan }
            return strtod(start.assumingMemoryBound(to: CChar.self), nil)
        }
        return value.isInfinite ? .overflow : .number(value)
    }
}
