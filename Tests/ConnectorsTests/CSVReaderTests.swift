// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Connectors

@Suite("CSV text to columns")
struct CSVReaderTests {
    @Test("wanted columns come in the order in which they were asked for")
    func order() throws {
        let table = try read("time,a,b\n2016-07-01,1,2\n2016-07-02,3,\n", ["b", "a"], timestamp: "time")
        #expect(table.timestamps == [1_467_331_200, 1_467_417_600])
        #expect(table.columns[1].values == [1, 3])
        #expect(table.columns[0].values[0] == 2)
        #expect(table.columns[0].values[1].isNaN)
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
func read(_ bytes: [UInt8], _ input: CSVInput, cuts: [Int] = []) throws(ConnectorError) -> CSVTable {
    var reader = try CSVReader(options: input.options, selection: input.selection)
    var start = 0
    for end in cuts + [bytes.count] {
        let piece = Array(bytes[start..<end])
        let failure = piece.withUnsafeBytes { buffer -> ConnectorError? in
            do throws(ConnectorError) {
                try reader.feed(buffer)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
        start = end
    }
    return try reader.finish()
}
