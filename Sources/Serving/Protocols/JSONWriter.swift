// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Writes the JSON of inference answers: mostly numbers.
struct JSONWriter {
    /// What was written so far.
    private(set) var bytes: [UInt8] = []

    /// Makes room for so many numbers and a little text.
    init(numbers: Int) {
        bytes.reserveCapacity(numbers * 20 + 256)
    }

    /// A shape as it stands in JSON and in messages, for instance `[2,336,1]`.
    static func shape(_ sizes: [Int]) -> String {
        "[" + sizes.map(String.init).joined(separator: ",") + "]"
    }

    /// Appends JSON as it is.
    mutating func text(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Appends a string with the escapes that JSON wants.
    mutating func string(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                text("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends numbers in row-major order as nested arrays of a shape.
    /// - Throws: `ServingError.forecastNotFinite`: JSON has no such number.
    mutating func numbers(_ values: [Double], shape: [Int]) throws(ServingError) {
        var position = 0
        try numbers(values, shape[...], &position)
    }

    /// Appends one number.
    /// - Throws: `ServingError.forecastNotFinite`.
    mutating func number(_ value: Double) throws(ServingError) {
        guard value.isFinite else { throw .forecastNotFinite }
        bytes.append(contentsOf: value.description.utf8)
    }

    private mutating func numbers(
        _ values: [Double],
        _ shape: ArraySlice<Int>,
        _ position: inout Int
    ) throws(ServingError) {
        guard let size = shape.first else { return }
        bytes.append(UInt8(ascii: "["))
        for element in 0..<size {
            if element > 0 { bytes.append(UInt8(ascii: ",")) }
            guard shape.count == 1 else {
                try numbers(values, shape.dropFirst(), &position)
                continue
            }
            try number(values[position])
            position += 1
        }
        bytes.append(UInt8(ascii: "]"))
    }
}
