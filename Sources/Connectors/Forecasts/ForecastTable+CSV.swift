// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

extension ForecastTable {
    /// The table as delimited text.
    var csv: [UInt8] {
        var text: [UInt8] = []
        Self.append(names, to: &text)
        let issued = "\(UTCTime(seconds: issued))"
        for row in times.indices {
            let numbers = targets.map { "\($0.values[row])" }
            let time = "\(UTCTime(seconds: times[row]))"
            let labels = labels.map { $0.values[row] }
            Self.append(labels + [time, issued, "\(steps[row])"] + numbers + [pipeline, version], to: &text)
        }
        return text
    }

    private static func append(_ cells: [String], to text: inout [UInt8]) {
        for (position, cell) in cells.enumerated() {
            if position > 0 { text.append(ASCII.comma) }
            append(cell, to: &text)
        }
        text.append(ASCII.lineFeed)
    }

    /// A cell, in quotes where it would end too early or lose the spaces around it.
    private static func append(_ cell: String, to text: inout [UInt8]) {
        let isSpecial = cell.utf8.contains { byte in
            switch byte {
            case ASCII.comma, ASCII.quote, ASCII.lineFeed, ASCII.carriageReturn, ASCII.space: true
            default: false
            }
        }
        guard cell.isEmpty || isSpecial else {
            text += cell.utf8
            return
        }
        text.append(ASCII.quote)
        for byte in cell.utf8 {
            if byte == ASCII.quote { text.append(ASCII.quote) }
            text.append(byte)
        }
        text.append(ASCII.quote)
    }
}
