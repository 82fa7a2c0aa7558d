// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting
internal import Foundation

/// Grouping columns that the folders of a file name, as in `store=north/item=12/part-0.parquet`.
///
/// Hive, Spark and pyarrow write data sets so; the columns are not in the files then. A folder counts also where the file
/// has a column of that name.
struct PathGroups {
    /// What Hive writes for a missing value.
    private static let missing = "__HIVE_DEFAULT_PARTITION__"

    private let groupBy: [String]
    /// By grouping column: the text of its folder; nil where no folder names it.
    let texts: [String?]

    /// Throws `ConnectorError.badData` for a folder whose text cannot name a series.
    ///
    /// - Parameters:
    ///   - path: A path, or an object's key.
    ///   - source: What messages call it.
    init(_ path: String, groupBy: [String], source: String) throws(ConnectorError) {
        self.groupBy = groupBy
        var found: [String: String] = [:]
        for folder in groupBy.isEmpty ? [] : path.split(separator: "/").dropLast() {
            let parts = folder.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = Self.plain(parts[0]), groupBy.contains(name) else { continue }
            let text = Self.plain(parts[1]) ?? ""
            let problem = text == Self.missing ? "it stands for a missing value" : SeriesText.problem(of: text)
            if let problem {
                let shown = BadData.excerpt(of: Array(folder.utf8))
                throw .badData(BadData("the folder '\(shown)' cannot name a series: \(problem)", source: source))
            }
            found[name] = text
        }
        texts = groupBy.map { found[$0] }
    }

    /// The grouping columns that have to be in the file.
    var inFile: [String] { zip(groupBy, texts).compactMap { $1 == nil ? $0 : nil } }

    /// Rows of the file with the labels of all grouping columns; they have those of the columns in the file.
    func completed(_ rows: SeriesRows) -> SeriesRows {
        guard !groupBy.isEmpty else { return rows }
        let keys = (rows.labels?.keys ?? [.single]).map { key in
            var rest = key.values.makeIterator()
            return SeriesKey(texts.map { $0 ?? rest.next() ?? "" })
        }
        let codes = rows.labels?.codes ?? Array(repeating: 0, count: rows.frame.rowCount)
        return SeriesRows(rows.frame, labels: SeriesRows.Labels(groupBy: groupBy, keys: keys, codes: codes))
    }

    /// The text without percent signs that stand for other bytes.
    private static func plain(_ text: Substring) -> String? {
        text.contains("%") ? String(text).removingPercentEncoding : String(text)
    }
}
