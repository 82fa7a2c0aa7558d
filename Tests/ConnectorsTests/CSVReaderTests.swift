// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Connectors

@Suite("CSV text to columns")
struct CSVReaderTests {
    private static let semicolon = CSVOptions(delimiter: .byte(UInt8(ascii: ";")))
    private static let nameless = CSVOptions(hasHeader: false)

    @Test("wanted columns come in the order in which they were asked for")
    func order() throws {
        let table = try read("time,a,b\n2016-07-01,1,2\n2016-07-02,3,\n", ["b", "a"], timestamp: "time")
        #expect(table.timestamps == [1_467_331_200, 1_467_417_600])
        #expect(table.columns.map(\.name) == ["b", "a"])
        #expect(table.columns[1].values == [1, 3])
        #expect(table.columns[0].values[0] == 2)
        #expect(table.columns[0].values[1].isNaN)
    }

    @Test(
        "line ends, blank lines, quotes, spaces and a byte order mark change nothing",
        arguments: [
            "t,a\n1,2\n3,4\n", "t,a\r\n1,2\r\n3,4\r\n", "t,a\r1,2\r3,4", "\u{FEFF}t,a\n1,2\n3,4",
            "\n\nt,a\n\n1,2\n\n3,4\n\n",
            "\"t\",\"a\"\n\"1\",\"2\"\r\n3,\"4\"", " t , a \n 1 ,\t2 \n3, 4 ",
            "\u{FEFF}\"t\",a\r\r1,2\r\n\r\n3,\" 4 \"",
        ]
    )
    func layouts(_ text: String) throws {
        let table = try read(text, ["t", "a"])
        #expect(table.columns.map(\.values) == [[1, 3], [2, 4]])
        #expect(table.rowCount == 2)
    }

    @Test("quoted fields may hold delimiters, doubled quotes and line breaks")
    func quotes() throws {
        let table = try read("\"a,\"\"b\"\"\",note\n1,\"x, \"\"y\"\"\r\nz\"\n2,\"\"\n", ["a,\"b\""])
        #expect(table.columns[0].values == [1, 2])
    }

    @Test("cells that mean no value are NaN", arguments: ["", " ", "NA", "n/a", "NaN", "nan", "null", "NULL", "None"])
    func missing(_ cell: String) throws {
        let values = try read("a,b\n1,\(cell)\n", ["b"]).columns[0].values
        #expect(values.count == 1 && values.allSatisfy(\.isNaN))
    }

    @Test("without a header columns go by number or by the given names")
    func withoutHeader() throws {
        #expect(try read("1,2\n3,4", ["2"], options: Self.nameless).columns[0].values == [2, 4])
        let named = CSVOptions(hasHeader: false, columnNames: ["x", "y"])
        #expect(try read("1,2\n3,4", ["y"], options: named).columns[0].values == [2, 4])
    }

    @Test(
        "the delimiter is found when asked for",
        arguments: ["a;b\n1;2", "a\tb\n1\t2", "a|b\n1|2", "\na,b\n1,2", "\"a\";\"b\"\n1;2"]
    )
    func detection(_ text: String) throws {
        #expect(try read(text, ["b"], options: CSVOptions(delimiter: .detect)).columns[0].values == [2])
    }

    @Test("delimiters are one byte that is no quote and no line break")
    func delimiters() throws {
        #expect(try CSVOptions.Delimiter("\\t") == .byte(9))
        #expect(try CSVOptions.Delimiter(";") == .byte(59))
        for text in ["", ";;", "€", "\"", "\n"] {
            #expect(throws: ConnectorError.self) { try CSVOptions.Delimiter(text) }
        }
    }

    @Test(
        "an error says where it is and what to do",
        arguments: [
            ("a,b\n1,2\n\"3\n\",x\n", "line 3, column 'b': not a number: 'x'"),
            ("a,b\r\n\r\n1,2,3\r\n", "line 3: the row has 3 fields where there are 2 columns"),
            ("a,c\n1,2\n", "line 1: there is no column 'b'; the columns are 'a', 'c'"),
            ("a;b\n1;2\n", "line 1: there is no column 'b'; the only column is 'a;b' (is the delimiter ';'?)"),
            ("b,b\n1,2\n", "line 1, column 'b': fields 1 and 2 have the same name, so it is not clear which is meant"),
            ("a,b\n1,1e999\n", "line 2, column 'b': the number is too large: '1e999'"),
            ("a,b\n1,inf\n", "line 2, column 'b': not a number: 'inf'"),
            ("a,b\n1,\"x\ny\"\n", "line 2, column 'b': not a number: 'x\\ny'"),
            ("a,b\n1,\"2\n", "line 2: a quote is not closed"),
            ("a,b\n1,\"2\"3\n", "line 2: a closing quote must be followed by a delimiter or a line end"),
            ("", "the source is empty"), ("\n\r\n", "the source is empty"), ("\u{FEFF}", "the source is empty"),
            ("a,b\n", "there is a header, but no row of data"),
        ]
    )
    func messages(_ text: String, _ message: String) {
        let error = #expect(throws: ConnectorError.self) { try read(text, ["b"]) }
        #expect(error?.description == message)
        #expect(error?.isRetryable == false)
    }

    @Test("a decimal comma is recognised")
    func decimalComma() {
        let error = #expect(throws: ConnectorError.self) { try read("a;b\n1;1,5\n", ["b"], options: Self.semicolon) }
        #expect(error?.description == "line 2, column 'b': decimal commas are not supported, write a point: '1,5'")
    }

    @Test("timestamps are checked with line and column")
    func timestamps() {
        let text = "t,a\n2016-02-29,1\n2015-02-29,2\n"
        let error = #expect(throws: ConnectorError.self) { try read(text, ["a"], timestamp: "t") }
        #expect(error?.description == "line 3, column 't': there is no such date: '2015-02-29'")
        let empty = #expect(throws: ConnectorError.self) { try read("t,a\n,1\n", ["a"], timestamp: "t") }
        #expect(empty?.description == "line 2, column 't': the timestamp is empty")
    }

    @Test("rows with and rows without an offset do not mix")
    func mixedOffsets() {
        let text = "t,a\n2016-07-01T00:00Z,1\n2016-07-01T01:00Z,1\n2016-07-01T02:00,2\n"
        let error = #expect(throws: ConnectorError.self) { try read(text, ["a"], timestamp: "t") }
        #expect(error?.description.contains("line 2 has a UTC offset and line 4 has none") == true)
    }

    @Test("selections and options that make no sense are refused before anything is read")
    func specifications() {
        let header = CSVOptions(columnNames: ["a"])
        let doubled = CSVOptions(hasHeader: false, columnNames: ["a", "a"])
        #expect(throws: ConnectorError.self) { try read("a\n1", []) }
        #expect(throws: ConnectorError.self) { try read("a\n1", ["a", "a"]) }
        #expect(throws: ConnectorError.self) { try read("a\n1", ["a"], options: header) }
        #expect(throws: ConnectorError.self) { try read("1,2", ["a"], options: doubled) }
    }

    @Test("UTF-16 is named as what it is")
    func utf16() {
        let bytes: [UInt8] = [0xFF, 0xFE, 0x61, 0, 0x0A, 0]
        let error = #expect(throws: ConnectorError.self) {
            try read(bytes, CSVInput(selection: CSVSelection(values: ["a"])))
        }
        #expect(error?.description == "the text is UTF-16; save it as UTF-8")
    }

    @Test("a record without end is refused before it fills the memory")
    func longRecord() {
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: CSVReader.longestRecord / 2)
        let bytes = Array("a\n1\n\"".utf8) + piece + piece + piece
        for cuts in [[], [100], [4, 600_000, 1_200_000]] {
            let error = #expect(throws: ConnectorError.self) {
                try read(bytes, CSVInput(selection: CSVSelection(values: ["a"])), cuts: cuts)
            }
            #expect(error?.description.hasPrefix("line 3: a record is longer than 1048576 bytes") == true)
        }
    }
}

/// Reads text in one piece.
func read(
    _ text: String,
    _ values: [String],
    timestamp: String? = nil,
    format: TimestampFormat = .automatic,
    options: CSVOptions = CSVOptions()
) throws(ConnectorError) -> CSVTable {
    let selection = CSVSelection(timestamp: timestamp, timestampFormat: format, values: values)
    return try read(Array(text.utf8), CSVInput(options: options, selection: selection))
}

/// How bytes are to be read.
struct CSVInput {
    var options = CSVOptions()
    var selection: CSVSelection
}

/// Reads bytes in pieces that end at the given positions.
func read(
    _ bytes: [UInt8],
    _ input: CSVInput,
    cuts: [Int] = [],
    threads: Int = 1,
    blockSize: Int = 256 * 1024
) throws(ConnectorError) -> CSVTable {
    var reader = try CSVReader(
        options: input.options,
        selection: input.selection,
        threads: threads,
        blockSize: blockSize
    )
    var start = 0
    for end in cuts + [bytes.count] {
        let piece = Array(bytes[start..<end])
        try piece.span.withUnsafeBytes { buffer throws(ConnectorError) in try reader.feed(buffer) }
        start = end
    }
    return try reader.finish()
}
