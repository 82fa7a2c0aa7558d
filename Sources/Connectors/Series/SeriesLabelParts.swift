// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

/// The labels of several files, put below each other.
struct SeriesLabelParts {
    private var groupBy: [String] = []
    private var keys: [SeriesKey] = []
    private var places: [SeriesKey: Int32] = [:]
    private var codes: [Int32] = []

    /// Puts the labels of another file below these.
    ///
    /// Throws `ConnectorError.badData` for more series than a panel may have.
    mutating func append(_ labels: SeriesRows.Labels) throws(ConnectorError) {
        if groupBy.isEmpty {
            (groupBy, keys, codes) = (labels.groupBy, labels.keys, labels.codes)
            for (place, key) in keys.enumerated() { places[key] = Int32(place) }
            return
        }
        var numbers: [Int32] = []
        for key in labels.keys { numbers.append(try place(of: key)) }
        codes.append(contentsOf: labels.codes.lazy.map { numbers[Int($0)] })
    }

    /// All labels; nil where there was no file with any.
    var whole: SeriesRows.Labels? {
        groupBy.isEmpty ? nil : SeriesRows.Labels(groupBy: groupBy, keys: keys, codes: codes)
    }

    private mutating func place(of key: SeriesKey) throws(ConnectorError) -> Int32 {
        if let place = places[key] { return place }
        guard keys.count < Panel.mostSeries else { throw .badData(BadData(SeriesText.tooMany(by: groupBy))) }
        let place = Int32(keys.count)
        places[key] = place
        keys.append(key)
        return place
    }
}
