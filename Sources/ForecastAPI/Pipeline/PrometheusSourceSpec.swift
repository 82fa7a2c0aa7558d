// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A range query to Prometheus, or to a server that speaks its interface.
package struct PrometheusSourceSpec: Codable, Sendable, Equatable {
    /// The server's `http://` or `https://` address.
    package var url: String
    /// What is asked, in PromQL.
    package var query: String
    /// From point to point, for instance `5min`. Default `series.frequency`.
    package var step: String?
    /// The label whose values name the columns; without it the query gives one series, which is the one target.
    package var columnLabel: String?
    /// The Secret with `username` and `password`, or with `token`; and with `ca.crt` where the server's certificate is not
    /// of a public authority.
    package var secretRef: SecretReference?

    /// Makes a source.
    package init(url: String, query: String) {
        self.url = url
        self.query = query
    }

    /// What the fields contradict.
    func check(_ check: inout SpecCheck, series: SeriesSpec, window: DataWindowSpec?) {
        let field = "spec.source.prometheus"
        check.url("\(field).url", url)
        check.secret("\(field).secretRef.name", secretRef)
        if query.isEmpty { check.add("\(field).query", "must hold a query") }
        let step = step ?? series.frequency
        if !SeriesSpec.isFrequency(step) || step.hasSuffix("mo") || step.hasSuffix("y") {
            let name = self.step == nil ? "spec.series.frequency" : "\(field).step"
            check.add(name, "'\(step)' must be a whole number and one of s, min, h, d, w for a Prometheus query")
        }
        if window == nil {
            check.add("spec.source.window", "must be set for prometheus, which answers for a range of time")
        }
        checkGroups(&check, series: series)
        if columnLabel == nil, series.columns.count > 1 {
            check.add(
                "\(field).columnLabel",
                "must name the label that tells the \(series.columns.count) columns of spec.series apart"
            )
        }
    }
}
