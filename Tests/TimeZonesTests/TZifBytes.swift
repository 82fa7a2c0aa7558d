// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Puts a TZif file together, as RFC 9636 lays it down.
struct TZifBytes {
    /// One change of the clock.
    struct Change {
        var instant: Int
        var kind: UInt8
    }

    var version: UInt8 = UInt8(ascii: "2")
    var changes: [Change] = []
    /// Seconds east of UTC.
    var offsets: [Int]
    var leapSeconds = 0
    /// Nil for a file that ends with its data.
    var footer: String? = ""
    /// What the part for readers of 32 bits holds: nothing ("slim") or what the other part holds ("fat").
    var isFat = false

    var bytes: [UInt8] {
        if version == 0 { return header(isEmpty: false) + data(width: 4) }
        var bytes = header(isEmpty: !isFat) + (isFat ? data(width: 4) : [])
        bytes += header(isEmpty: false) + data(width: 8)
        if let footer { bytes += [0x0A] + Array(footer.utf8) + [0x0A] }
        return bytes
    }

    private func header(isEmpty: Bool) -> [UInt8] {
        var bytes = Array("TZif".utf8) + [version] + Array(repeating: 0, count: 15)
        let counts = [0, offsets.count, leapSeconds, changes.count, offsets.count, 4]
        for count in counts { bytes += Self.bigEndian(isEmpty ? 0 : count, width: 4) }
        return bytes
    }

    private func data(width: Int) -> [UInt8] {
        var bytes = changes.flatMap { Self.bigEndian($0.instant, width: width) } + changes.map(\.kind)
        for offset in offsets { bytes += Self.bigEndian(offset, width: 4) + [0, 0] }
        bytes += Array("XXX\0".utf8)
        for number in 0..<leapSeconds {
            bytes +=
                Self.bigEndian(78_796_800 + number * 40_000_000, width: width) + Self.bigEndian(number + 1, width: 4)
        }
        return bytes + Array(repeating: 0, count: offsets.count)
    }

    private static func bigEndian(_ number: Int, width: Int) -> [UInt8] {
        (1...width).map { UInt8(truncatingIfNeeded: number >> ((width - $0) * 8)) }
    }
}
