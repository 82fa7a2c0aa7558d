// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What becomes of a series that has too few rows for the split and the windows of the specification.
package enum ShortSeriesPolicy: String, Codable, Sendable, CaseIterable {
    /// The run fails and names them.
    case fail = "Fail"
    /// They are left out, and the run says how many and which.
    case skip = "Skip"
}

extension SeriesSpec {
    /// What the fields of several series contradict.
    func checkGroups(_ check: inout SpecCheck, model: ModelSpec) {
        guard let groupBy else {
            if shortSeries != nil { check.add("spec.series.shortSeries", "goes with groupBy: there is one series") }
            if model.scope != nil {
                check.add("spec.model.scope", "goes with spec.series.groupBy: there is one series")
            }
            return
        }
        let field = "spec.series.groupBy"
        if !(1...Self.mostGroupColumns).contains(groupBy.count) {
            check.add(field, "has \(groupBy.count) columns; there must be 1 to \(Self.mostGroupColumns)")
        }
        if Set(groupBy).count != groupBy.count { check.add(field, "must name each column once") }
        if groupBy.contains("") { check.add(field, "must not hold an empty name") }
        if groupBy.contains(timestamp) { check.add(field, "must not hold the column of timestamps '\(timestamp)'") }
        for name in Set(groupBy).intersection(columns).sorted() {
            check.add(field, "must not hold '\(name)', which is a target or a covariate")
        }
        for name in Set(groupBy).intersection(Self.requestNames).subtracting([timestamp]).sorted() {
            check.add(
                field,
                "must not hold '\(name)': requests for a forecast have that name for something else; rename it"
            )
        }
    }

    /// What requests call rows and times, beside which a grouping column stands by its own name.
    private static var requestNames: [String] { ["timestamp", "history", "end", "future"] }
}

extension PrometheusSourceSpec {
    /// A label names either the column or the series.
    func checkGroups(_ check: inout SpecCheck, series: SeriesSpec) {
        guard let columnLabel, series.groupBy?.contains(columnLabel) == true else { return }
        check.add(
            "spec.source.prometheus.columnLabel",
            "'\(columnLabel)' is one of spec.series.groupBy; a label names either the columns or the series"
        )
    }
}

extension ForecastSinkSpec {
    /// Grouping columns are columns of a file, and tags of a point, which have some of their own.
    func checkGroups(_ check: inout SpecCheck, field: String, series: SeriesSpec, intervals: IntervalsSpec?) {
        for name in series.groupBy ?? [] {
            let isSet = influxdb?.tags?[name] != nil
            if influxdb != nil, let owner = InfluxDBSinkSpec.owner(ofTag: name) ?? (isSet ? "tags sets it, too" : nil) {
                let message = "cannot have the tag '\(name)' of spec.series.groupBy: \(owner); rename it"
                check.add("\(field).influxdb", message)
            }
            guard let (kind, _) = file, FileSinkSpec.ownColumns.contains(name) || series.isQuantile(name, intervals)
            else { continue }
            let reason = "each file has a column of that name; rename it"
            check.add("\(field).\(kind)", "cannot hold the column '\(name)' of spec.series.groupBy: \(reason)")
        }
    }
}

extension SeriesSpec {
    /// Whether tables call a quantile of a target by this name.
    fileprivate func isQuantile(_ name: String, _ intervals: IntervalsSpec?) -> Bool {
        intervals != nil && IntervalsSpec.isQuantile(name, of: Set(targets))
    }
}
