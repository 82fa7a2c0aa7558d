// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Where the forecast of each run goes, beside the store.
package struct PublishSpec: Codable, Sendable, Equatable {
    /// The places, 1 to 8, written in this order.
    package var forecasts: [ForecastSinkSpec]?

    /// The most places.
    package static let mostForecasts = 8

    /// Makes a block.
    package init(forecasts: [ForecastSinkSpec]? = nil) {
        self.forecasts = forecasts
    }

    /// The Secrets that whoever writes needs.
    var secretRefs: [SecretReference?] {
        (forecasts ?? []).map { $0.influxdb?.secretRef ?? $0.file?.spec.s3?.secretRef }
    }

    func withDefaults() -> Self {
        PublishSpec(forecasts: forecasts?.map { $0.withDefaults() })
    }

    /// What the fields contradict, and what the names of columns do to places.
    func check(_ check: inout SpecCheck, series: SeriesSpec, intervals: IntervalsSpec?) {
        let field = "spec.publish.forecasts"
        guard let forecasts else { return }
        if !(1...Self.mostForecasts).contains(forecasts.count) {
            check.add(field, "has \(forecasts.count) items; there must be 1 to \(Self.mostForecasts)")
        }
        for (index, sink) in forecasts.enumerated() {
            let kinds = sink.chosenKinds
            if kinds.count != 1 {
                let found = kinds.isEmpty ? "there is none" : "there are \(kinds.joined(separator: " and "))"
                check.add("\(field)[\(index)]", "must hold exactly one of influxdb, csv and parquet; \(found)")
            }
            sink.influxdb?.check(&check, field: "\(field)[\(index)].influxdb")
            sink.csv?.check(&check, field: "\(field)[\(index)].csv", targets: series.targets)
            sink.parquet?.check(&check, field: "\(field)[\(index)].parquet", targets: series.targets)
            sink.checkGroups(&check, field: "\(field)[\(index)]", series: series, intervals: intervals)
        }
    }
}

/// One place: exactly one block.
package struct ForecastSinkSpec: Codable, Sendable, Equatable {
    /// InfluxDB.
    package var influxdb: InfluxDBSinkSpec?
    /// Files of delimited text.
    package var csv: FileSinkSpec?
    /// Parquet files.
    package var parquet: FileSinkSpec?

    /// Makes a place.
    package init(influxdb: InfluxDBSinkSpec? = nil, csv: FileSinkSpec? = nil, parquet: FileSinkSpec? = nil) {
        self.influxdb = influxdb
        self.csv = csv
        self.parquet = parquet
    }

    /// The blocks that are set, by name.
    package var chosenKinds: [String] {
        zip(["influxdb", "csv", "parquet"], [influxdb != nil, csv != nil, parquet != nil]).filter(\.1).map(\.0)
    }

    /// The block that makes files, with its name; nil where there is none.
    package var file: (kind: String, spec: FileSinkSpec)? {
        csv.map { ("csv", $0) } ?? parquet.map { ("parquet", $0) }
    }

    func withDefaults() -> Self {
        ForecastSinkSpec(
            influxdb: influxdb?.withDefaults(),
            csv: csv?.withDefaults(),
            parquet: parquet?.withDefaults()
        )
    }
}
