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
    var secretRefs: [SecretReference?] { forecasts?.map { $0.influxdb?.secretRef } ?? [] }

    func withDefaults() -> Self {
        PublishSpec(forecasts: forecasts?.map { $0.withDefaults() })
    }

    /// What the fields contradict.
    func check(_ check: inout SpecCheck) {
        let field = "spec.publish.forecasts"
        guard let forecasts else { return }
        if !(1...Self.mostForecasts).contains(forecasts.count) {
            check.add(field, "has \(forecasts.count) items; there must be 1 to \(Self.mostForecasts)")
        }
        for (index, sink) in forecasts.enumerated() {
            guard let influxdb = sink.influxdb else {
                check.add("\(field)[\(index)]", "must hold exactly one block (influxdb); there is none")
                continue
            }
            influxdb.check(&check, field: "\(field)[\(index)].influxdb")
        }
    }
}

/// One place: exactly one block.
package struct ForecastSinkSpec: Codable, Sendable, Equatable {
    /// InfluxDB.
    package var influxdb: InfluxDBSinkSpec?

    /// Makes a place.
    package init(influxdb: InfluxDBSinkSpec? = nil) {
        self.influxdb = influxdb
    }

    func withDefaults() -> Self {
        ForecastSinkSpec(influxdb: influxdb?.withDefaults())
    }
}
