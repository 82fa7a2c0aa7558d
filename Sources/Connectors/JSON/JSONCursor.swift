// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Reads JSON in one pass, without building a tree.
///
/// Answers of time-series databases are almost only numbers, which go from the bytes straight into columns here. Every
/// access is within bounds and recursion is bounded, whatever the bytes are. It must not outlive the bytes.
struct JSONCursor {
    /// How deep values may be nested that are skipped.
    static let deepest = 64

    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    // MARK: Structure

    /// The next byte that is not white space; nil at the end.
    @inline(__always)
    mutating func peek() -> UInt8? {
        while index < bytes.count {
            let byte = bytes[index]
            if byte > ASCII.space || !(byte == ASCII.space || byte == 0x0A || byte == 0x0D || byte == 0x09) {
                return byte
            }
            index += 1
        }
        return nil
    }

    /// Takes a byte if it is the next one.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        index += 1
        return true
    }

    /// Takes a byte that has to be the next one.
    @inline(__always)
    mutating func require(_ byte: UInt8) throws(ConnectorError) {
        if !take(byte) { throw problem("'\(Character(UnicodeScalar(byte)))' is expected") }
    }

    /// Throws unless only white space is left.
    mutating func requireEnd() throws(ConnectorError) {
        if peek() != nil { throw problem("something follows the value") }
    }

    /// Reads an object; `member` is called at each value and must read it.
    mutating func object(
        _ member: (_ key: String, inout JSONCursor) throws(ConnectorError) -> Void
    ) throws(ConnectorError) {
        try require(UInt8(ascii: "{"))
        if take(UInt8(ascii: "}")) { return }
        repeat {
            let key = try string()
            try require(ASCII.colon)
            try member(key, &self)
        } while take(ASCII.comma)
        try require(UInt8(ascii: "}"))
    }

    /// Reads an array; `element` is called at each value and must read it.
    mutating func array(
        _ element: (inout JSONCursor) throws(ConnectorError) -> Void
    ) throws(ConnectorError) {
        try require(UInt8(ascii: "["))
        if take(UInt8(ascii: "]")) { return }
        repeat { try element(&self) } while take(ASCII.comma)
        try require(UInt8(ascii: "]"))
    }

    /// Passes over one value of any kind.
    mutating func skip(depth: Int = 0) throws(ConnectorError) {
        guard depth < Self.deepest else { throw problem("it is nested deeper than \(Self.deepest) values") }
        switch peek() {
        case UInt8(ascii: "{"): try object { _, cursor throws(ConnectorError) in try cursor.skip(depth: depth + 1) }
        case UInt8(ascii: "["): try array { cursor throws(ConnectorError) in try cursor.skip(depth: depth + 1) }
        case ASCII.quote: _ = try rawString()
        default:
            if try scalar().isEmpty { throw problem("a value is missing") }
        }
    }

    // MARK: Values

    /// The bytes of a number or a literal such as `null`; empty where another kind of value is next.
    @inline(__always)
    mutating func scalar() throws(ConnectorError) -> UnsafeRawBufferPointer {
        guard peek() != nil else { throw problem("it ends too early") }
        let start = index
        while index < bytes.count, Self.isScalar(bytes[index]) { index += 1 }
        return bytes.bytes(start, index)
    }

    /// Letters, digits, signs and the point: all that numbers and literals are made of.
    @inline(__always)
    private static func isScalar(_ byte: UInt8) -> Bool {
        byte.digitValue <= 9 || byte == ASCII.point || byte == ASCII.minus || byte == ASCII.plus
            || (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    /// A whole number; nil where the next value is none, or does not fit.
    @inline(__always)
    mutating func integer() throws(ConnectorError) -> Int64? {
        let text = try scalar()
        var position = 0
        let isNegative = text.first == ASCII.minus
        if isNegative { position = 1 }
        guard position < text.count else { return nil }
        var value: Int64 = 0
        while position < text.count {
            let digit = text[position].digitValue
            guard digit <= 9 else { return nil }
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowOfSum) = scaled.subtractingReportingOverflow(Int64(digit))
            if overflow || overflowOfSum { return nil }
            value = sum
            position += 1
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// A text, with its escapes resolved.
    mutating func string() throws(ConnectorError) -> String {
        guard peek() == ASCII.quote else { throw problem("a text is expected") }
        let raw = try rawString()
        guard raw.contains(UInt8(ascii: "\\")) else { return String(decoding: raw, as: UTF8.self) }
        return try unescaped(raw)
    }

    /// The bytes between the quotes of the text that is next, escapes and all.
    mutating func rawString() throws(ConnectorError) -> UnsafeRawBufferPointer {
        index += 1
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case ASCII.quote:
                index += 1
                return bytes.bytes(start, index - 1)
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        index = bytes.count
        throw problem("a text is not closed")
    }

    private func unescaped(_ raw: UnsafeRawBufferPointer) throws(ConnectorError) -> String {
        var units: [UInt8] = []
        var position = 0
        while position < raw.count {
            guard raw[position] == UInt8(ascii: "\\") else {
                units.append(raw[position])
                position += 1
                continue
            }
            guard position + 1 < raw.count else { throw problem("an escape is cut off") }
            position += 2
            switch raw[position - 1] {
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            case UInt8(ascii: "u"): units.append(contentsOf: try scalar(raw, at: &position).utf8)
            default: units.append(raw[position - 1])
            }
        }
        return String(decoding: units, as: UTF8.self)
    }

    /// The character of `\uXXXX`, or of two of them that form a pair; a half pair becomes the replacement character.
    private func scalar(_ raw: UnsafeRawBufferPointer, at position: inout Int) throws(ConnectorError) -> Character {
        let first = try codeUnit(raw, at: &position)
        guard (0xD800..<0xDC00).contains(first) else {
            return UnicodeScalar(first).map(Character.init) ?? "\u{FFFD}"
        }
        guard position + 1 < raw.count, raw[position] == UInt8(ascii: "\\"), raw[position + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        position += 2
        let second = try codeUnit(raw, at: &position)
        guard (0xDC00..<0xE000).contains(second) else { return "\u{FFFD}" }
        let value = 0x10000 + (UInt32(first - 0xD800) << 10) + UInt32(second - 0xDC00)
        return UnicodeScalar(value).map(Character.init) ?? "\u{FFFD}"
    }

    private func codeUnit(_ raw: UnsafeRawBufferPointer, at position: inout Int) throws(ConnectorError) -> UInt16 {
        guard position + 4 <= raw.count,
            let value = UInt16(String(decoding: raw[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw problem("an escape is not four hexadecimal digits") }
        position += 4
        return value
    }

    // MARK: Problems

    /// What is wrong, with the bytes at which it was found.
    func problem(_ text: String) -> ConnectorError {
        let rest = index < bytes.count ? BadData.excerpt(of: bytes[index...]) : nil
        return .badData(BadData("the answer is not as it should be: \(text)", text: rest))
    }
}
