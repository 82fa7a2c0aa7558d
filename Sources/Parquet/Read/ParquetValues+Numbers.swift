// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Times in whole seconds.
package struct ParquetSeconds: Sendable, Equatable {
    /// Seconds since 1970-01-01T00:00:00, rounded down, one a row; 0 where the value is missing.
    package var seconds: [Int64]
    /// The first row whose time is not a whole second.
    package var firstFraction: Int?
}

extension ParquetValues {
    /// The values as doubles, NaN where they are missing; nil for columns that hold no numbers.
    ///
    /// Booleans are 0 and 1. Whole numbers beyond 2^53 and decimals are rounded to the nearest double.
    package func numbers() -> [Double]? {
        switch (column.kind, storage) {
        case (.double, .doubles(let values)): masked(values)
        case (.float, .floats(let values)): masked(values.map { Double($0) })
        case (.boolean, .booleans(let values)): masked(values.map { $0 ? 1 : 0 })
        case (.integer(_, true), .int32(let values)): masked(values.map { Double($0) })
        case (.integer(_, true), .int64(let values)): masked(values.map { Double($0) })
        case (.integer(_, false), .int32(let values)): masked(values.map { Double(UInt32(bitPattern: $0)) })
        case (.integer(_, false), .int64(let values)): masked(values.map { Double(UInt64(bitPattern: $0)) })
        case (.float16, .texts(let texts)): masked((0..<texts.count).map { Self.half(texts[$0]) })
        case (.decimal(_, let scale), .int32(let values)): decimals(values.lazy.map { Int128($0) }, scale)
        case (.decimal(_, let scale), .int64(let values)): decimals(values.lazy.map { Int128($0) }, scale)
        case (.decimal(let precision, let scale), .texts(let texts)) where precision <= 38:
            decimals((0..<texts.count).lazy.map { Self.bigEndian(texts[$0]) }, scale)
        default: nil
        }
    }

    /// The values as times; nil for columns that hold no dates or timestamps.
    ///
    /// Local times are taken as they are, as if they were UTC.
    package func seconds() -> ParquetSeconds? {
        switch (column.kind, storage) {
        case (.date, .int32(let days)):
            return ParquetSeconds(seconds: days.map { Int64($0) * 86_400 }, firstFraction: nil)
        case (.timestamp(let unit, _), .int64(let values)):
            let perSecond = unit.perSecond
            var fraction: Int?
            var seconds = [Int64](repeating: 0, count: values.count)
            for (row, value) in values.enumerated() {
                let (quotient, remainder) = value.quotientAndRemainder(dividingBy: perSecond)
                seconds[row] = remainder < 0 ? quotient - 1 : quotient
                if remainder != 0, fraction == nil { fraction = row }
            }
            return ParquetSeconds(seconds: seconds, firstFraction: fraction)
        case (.int96, .int96(let values)):
            return ParquetSeconds(
                seconds: values.map(\.seconds),
                firstFraction: values.firstIndex { $0.nanoseconds % 1_000_000_000 != 0 }
            )
        default: return nil
        }
    }

    private func masked(_ values: [Double]) -> [Double] {
        guard let isPresent else { return values }
        var values = values
        for (row, present) in isPresent.enumerated() where !present { values[row] = .nan }
        return values
    }

    private func decimals(_ values: some Sequence<Int128?>, _ scale: Int) -> [Double]? {
        // Up to 10^22 and 2^53 both are exact as doubles, so their quotient is rounded once.
        var divisor = 1.0
        for _ in 0..<min(scale, 22) { divisor *= 10 }
        let isExact = scale <= 22
        var numbers: [Double] = []
        for value in values {
            guard let value else { return nil }
            if isExact, value.magnitude <= 1 << 53 {
                numbers.append(Double(value) / divisor)
            } else {
                numbers.append(Double("\(value)e-\(scale)") ?? .nan)
            }
        }
        return masked(numbers)
    }

    private static func half(_ bytes: ArraySlice<UInt8>) -> Double {
        guard bytes.count == 2, let low = bytes.first, let high = bytes.last else { return 0 }
        return Double(Float16(bitPattern: UInt16(high) << 8 | UInt16(low)))
    }

    /// A whole number in two's complement, the highest byte first; nil beyond 128 bits.
    private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> Int128? {
        guard let first = bytes.first else { return 0 }
        let sign: UInt8 = first >= 0x80 ? 0xFF : 0
        let significant = bytes.count > 16 ? bytes.drop { $0 == sign } : bytes
        guard significant.count <= 16 else { return nil }
        var value = Int128(sign == 0 ? 0 : -1)
        for byte in significant { value = value << 8 | Int128(byte) }
        let isNegative = value < 0
        return isNegative == (sign != 0) ? value : nil
    }
}

extension Int96 {
    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    package var seconds: Int64 {
        (Int64(julianDay) - 2_440_588) * 86_400 + Int64(nanoseconds / 1_000_000_000)
    }
}
