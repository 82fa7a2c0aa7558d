// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Why a Parquet file could not be read or written.
package enum ParquetError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The bytes could not be had: a missing file, a failing disk or server.
    case unreadable(file: String, reason: String)
    /// The bytes are no Parquet file, or only a part of one.
    case notParquet(file: String, reason: String)
    /// The file contradicts the format or itself.
    case damaged(ParquetPlace, reason: String)
    /// The file is sound and uses something that this reader does not know.
    case unsupported(ParquetPlace, feature: String)
    /// What the file asks for is more than the limits allow.
    case tooLarge(ParquetPlace, what: String)
    /// No column of that name; `available` are those that can be read.
    case columnNotFound(file: String, name: String, available: [String])
    /// The column is there and cannot be used as asked.
    case unusableColumn(file: String, name: String, reason: String)
    /// What was given to the writer makes no file.
    case unwritable(reason: String)

    package var description: String {
        switch self {
        case .unreadable(let file, let reason): "cannot read \(file): \(reason)"
        case .notParquet(let file, let reason): "\(file) is not a Parquet file: \(reason)"
        case .damaged(let place, let reason): "\(place): the file is damaged: \(reason)"
        case .unsupported(let place, let feature): "\(place): \(feature) cannot be read"
        case .tooLarge(let place, let what): "\(place): \(what)"
        case .columnNotFound(let file, let name, let available):
            "\(file): there is no column '\(name)'; " + Self.listing(available)
        case .unusableColumn(let file, let name, let reason): "\(file): column '\(name)' \(reason)"
        case .unwritable(let reason): "cannot write Parquet: \(reason)"
        }
    }

    private static func listing(_ names: [String]) -> String {
        let limit = 40
        if names.isEmpty { return "the file has no columns" }
        let shown = names.prefix(limit).map { "'\($0)'" }.joined(separator: ", ")
        return "the columns are \(shown)" + (names.count > limit ? " and \(names.count - limit) more" : "")
    }
}

/// Where in a file something is: as much as is known.
package struct ParquetPlace: Sendable, Equatable, CustomStringConvertible {
    /// The file's path or address.
    package var file: String
    /// The row group, counted from 0.
    package var rowGroup: Int?
    /// The column's name.
    package var column: String?
    /// The page within the column's part of the row group, counted from 0; dictionaries count.
    package var page: Int?

    /// Makes a place.
    package init(file: String, rowGroup: Int? = nil, column: String? = nil, page: Int? = nil) {
        self.file = file
        self.rowGroup = rowGroup
        self.column = column
        self.page = page
    }

    package var description: String {
        var parts = [file]
        if let rowGroup { parts.append("row group \(rowGroup)") }
        if let column { parts.append("column '\(column)'") }
        if let page { parts.append("page \(page)") }
        return parts.joined(separator: ", ")
    }

    func error(_ problem: ParquetProblem) -> ParquetError {
        switch problem {
        case .damaged(let reason): .damaged(self, reason: reason)
        case .unsupported(let feature): .unsupported(self, feature: feature)
        case .tooLarge(let what): .tooLarge(self, what: what)
        }
    }
}

/// What decoders find, before somebody who knows the place makes a `ParquetError` of it.
enum ParquetProblem: Error, Equatable {
    case damaged(String)
    case unsupported(String)
    case tooLarge(String)
}
