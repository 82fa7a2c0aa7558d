// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A canvas of dots, eight to a character: Unicode's Braille patterns, two dots wide and four high.
struct BrailleCanvas {
    /// Characters across.
    let columns: Int
    /// Characters down.
    let rows: Int
    private var dots: [UInt8]
    private var layers: [Int]

    /// Makes an empty canvas.
    init(columns: Int, rows: Int) {
        self.columns = max(1, columns)
        self.rows = max(1, rows)
        dots = Array(repeating: 0, count: self.columns * self.rows)
        layers = Array(repeating: 0, count: self.columns * self.rows)
    }

    /// Dots across.
    var width: Int { columns * 2 }
    /// Dots down.
    var height: Int { rows * 4 }

    /// Draws a line between two places, given from the top left corner (0, 0) to the bottom right one (1, 1).
    /// A character belongs to the layer that drew into it last.
    mutating func line(from start: (x: Double, y: Double), to end: (x: Double, y: Double), layer: Int) {
        let (startX, startY) = (start.x * Double(width - 1), start.y * Double(height - 1))
        let (endX, endY) = (end.x * Double(width - 1), end.y * Double(height - 1))
        let length = max(abs(endX - startX), abs(endY - startY))
        guard length.isFinite else { return }
        let count = max(1, Int(min(length, 10_000).rounded(.up)))
        for index in 0...count {
            let share = Double(index) / Double(count)
            let x = Int((startX + (endX - startX) * share).rounded())
            let y = Int((startY + (endY - startY) * share).rounded())
            dot(x, y, layer: layer)
        }
    }

    private mutating func dot(_ x: Int, _ y: Int, layer: Int) {
        guard (0..<width).contains(x), (0..<height).contains(y) else { return }
        let cell = y / 4 * columns + x / 2
        // The code's bits run down the left column, then down the right one; the fourth row was added later.
        let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
        dots[cell] |= bits[y % 4][x % 2]
        layers[cell] = layer
    }

    /// The character at a place and the layer that it belongs to; nil where nothing was drawn.
    func character(column: Int, row: Int) -> (character: Character, layer: Int)? {
        let cell = row * columns + column
        guard dots[cell] != 0, let scalar = Unicode.Scalar(0x2800 + UInt32(dots[cell])) else { return nil }
        return (Character(scalar), layers[cell])
    }
}
