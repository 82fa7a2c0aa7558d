// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

/// What the texts of grouping columns have to be, and what is said of those that are not.
///
/// They become names of series: parts of messages, tags of databases, paths of requests.
enum SeriesText {
    /// The longest text in bytes.
    static let longest = 256

    /// Why a text cannot name a series; nil where it can.
    static func problem(of bytes: UnsafeRawBufferPointer) -> String? {
        if bytes.isEmpty { return "it is empty, and a grouping column needs a text in each row" }
        if bytes.count > longest { return "it is longer than \(longest) bytes, which is no name of a series" }
        guard let text = String(validating: bytes, as: UTF8.self) else { return "it is not UTF-8" }
        let hasControls = text.unicodeScalars.contains { $0.value < 0x20 || 0x7F..<0xA0 ~= $0.value }
        return hasControls ? "it has control characters, which no name of a series may have" : nil
    }

    /// Why a text cannot name a series; nil where it can.
    static func problem(of text: String) -> String? {
        var text = text
        return text.withUTF8 { problem(of: UnsafeRawBufferPointer($0)) }
    }

    /// What to say of more series than a panel holds.
    static func tooMany(by columns: [String]) -> String {
        let listing = columns.map { "'\($0)'" }.joined(separator: ", ")
        return "there are more than \(Panel.mostSeries) series by \(listing); "
            + "does each of series.groupBy tell series apart, and not rows?"
    }
}
