// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Forecasting

/// How the text is laid out.
package struct CSVOptions: Sendable, Equatable {
    /// The byte between two fields.
    package enum Delimiter: Sendable, Equatable {
        /// This byte.
        case byte(UInt8)
        /// Whichever of comma, semicolon, tab and bar the first line holds most often; a comma when it holds none.
        case detect
    }

    /// The byte between two fields.
    package var delimiter: Delimiter
    /// Whether the first record names the columns.
    package var hasHeader: Bool
    /// The columns' names for data without a header; nil to number them from "1".
    package var columnNames: [String]?

    /// Lays out comma-separated text with a header, unless told otherwise.
    package init(
        delimiter: Delimiter = .byte(UInt8(ascii: ",")),
        hasHeader: Bool = true,
        columnNames: [String]? = nil
    ) {
        self.delimiter = delimiter
        self.hasHeader = hasHeader
        self.columnNames = columnNames
    }
}

extension CSVOptions.Delimiter {
    /// Reads a delimiter as people write it: one character of one byte, or a backslash and a `t` for a tab.
    ///
    /// Throws `ConnectorError.badSpecification` for anything else, and for a quote or a line break.
    package init(_ text: String) throws(ConnectorError) {
        let bytes = Array((text == "\\t" ? "\t" : text).utf8)
        guard bytes.count == 1, let byte = bytes.first else {
            throw .badSpecification(field: "delimiter", problem: "'\(text)' is not one character of one byte")
        }
        self = .byte(byte)
        try validate()
    }

    /// Throws when records could not be told apart with this delimiter.
    func validate() throws(ConnectorError) {
        guard case .byte(let byte) = self else { return }
        if byte == ASCII.quote || byte == ASCII.lineFeed || byte == ASCII.carriageReturn {
            throw .badSpecification(field: "delimiter", problem: "a quote or a line break cannot separate fields")
        }
    }
}

/// Which columns to read.
///
/// Others are checked for their number and otherwise skipped.
package struct CSVSelection: Sendable, Equatable {
    /// The column of timestamps; nil when there is none.
    package var timestamp: String?
    /// How timestamps are written.
    package var timestampFormat: TimestampFormat
    /// The numeric columns, in the order in which they are wanted.
    package var values: [String]
    /// The columns of text that tell series apart; none where all rows are one series.
    package var groupBy: [String]

    /// Selects columns by name, or by number from "1" where there are no names.
    package init(
        timestamp: String? = nil,
        timestampFormat: TimestampFormat = .automatic,
        values: [String],
        groupBy: [String] = []
    ) {
        self.timestamp = timestamp
        self.timestampFormat = timestampFormat
        self.values = values
        self.groupBy = groupBy
    }
}

/// What was read, column by column.
package struct CSVTable: Sendable, Equatable {
    /// One numeric column.
    package struct Column: Sendable, Equatable {
        /// The name under which it was asked for.
        package var name: String
        /// One number a row; NaN where the cell is empty.
        package var values: [Double]
    }

    /// Seconds since 1970-01-01T00:00:00Z, one a row, in the order of the rows; nil when none were asked for.
    package var timestamps: [Int64]?
    /// The numeric columns in the order in which they were asked for, all of the same length.
    package var columns: [Column]
    /// The number of these rows.
    package var rowCount: Int
    /// Which rows of the text were kept so far.
    var kept = KeptRows()
    /// Which series each row belongs to; nil where all are one.
    package var labels: SeriesRows.Labels?
    /// Whether timestamps say how far from UTC they are; nil where their format leaves no choice.
    package var timesHaveOffset: Bool?
}
