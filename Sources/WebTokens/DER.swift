// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The little of DER (ITU-T X.690) that keys and signatures need on their way to OpenSSL.
enum DER {
    /// A number of any size, given by its bytes, the highest first.
    static func integer(_ magnitude: some Collection<UInt8>) -> [UInt8] {
        let digits = magnitude.drop { $0 == 0 }
        // A number whose first bit is set would be read as a negative one.
        let needsZero = digits.first.map { $0 >= 0x80 } ?? true
        return element(0x02, (needsZero ? [0] : []) + digits)
    }

    /// A sequence of elements.
    static func sequence(_ elements: [UInt8]...) -> [UInt8] { element(0x30, elements.flatMap(\.self)) }

    /// A string of whole bytes as a string of bits.
    static func bits(_ bytes: [UInt8]) -> [UInt8] { element(0x03, [0] + bytes) }

    /// An object identifier, given by the bytes of its content.
    static func identifier(_ content: [UInt8]) -> [UInt8] { element(0x06, content) }

    /// The element without content.
    static let null: [UInt8] = [0x05, 0]

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        guard content.count >= 0x80 else { return [tag, UInt8(content.count)] + content }
        var length: [UInt8] = []
        var rest = content.count
        while rest > 0 {
            length.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }
}
