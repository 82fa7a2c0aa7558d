// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The versions of InfluxDB's interface.
package enum InfluxDBVersion: String, Codable, Sendable, CaseIterable {
    /// InfluxQL over `/query`, and `/write`.
    case v1 = "V1"
    /// Flux over `/api/v2/query`, and `/api/v2/write`.
    case v2 = "V2"
}

/// A query to InfluxDB.
package struct InfluxDBSourceSpec: Codable, Sendable, Equatable {
    /// The server's `http://` or `https://` address.
    package var url: String
    /// Which interface is spoken. Default `V1`.
    package var version: InfluxDBVersion?
    /// The database, for V1.
    package var database: String?
    /// The retention policy, for V1; nil for the database's default.
    package var retentionPolicy: String?
    /// The organization, for V2.
    package var organization: String?
    /// What is asked: InfluxQL for V1, Flux for V2. `$timeFilter`, or `v.timeRangeStart` and `v.timeRangeStop`, stand for
    /// the window.
    package var query: String
    /// The Secret with `username` and `password`, or with `token`; and with `ca.crt` where the server's certificate is not
    /// of a public authority.
    package var secretRef: SecretReference?

    /// Makes a source.
    package init(url: String, database: String? = nil, query: String) {
        self.url = url
        self.database = database
        self.query = query
    }

    func withDefaults() -> Self {
        var filled = self
        filled.version = version ?? .v1
        return filled
    }

    /// What the fields contradict.
    func check(_ check: inout SpecCheck, window: DataWindowSpec?) {
        let field = "spec.source.influxdb"
        check.url("\(field).url", url)
        check.secret("\(field).secretRef.name", secretRef)
        InfluxDBPlace(
            version: version,
            database: database,
            retentionPolicy: retentionPolicy,
            organization: organization
        )
        .check(&check, field: field)
        if query.isEmpty { check.add("\(field).query", "must hold a query") }
        let names = version == .v2 ? ["v.timeRangeStart", "v.timeRangeStop"] : ["$timeFilter"]
        for name in names where query.contains(name) != (window != nil) {
            check.add(
                "\(field).query",
                window == nil
                    ? "holds \(name), which spec.source.window has to set"
                    : "must hold \(name), so that the window of spec.source.window can stand there"
            )
        }
    }
}

/// InfluxDB as the place where forecasts are written.
package struct InfluxDBSinkSpec: Codable, Sendable, Equatable {
    /// The server's `http://` or `https://` address.
    package var url: String
    /// Which interface is spoken. Default `V1`.
    package var version: InfluxDBVersion?
    /// The database, for V1.
    package var database: String?
    /// The retention policy, for V1; nil for the database's default.
    package var retentionPolicy: String?
    /// The organization, for V2.
    package var organization: String?
    /// The bucket, for V2.
    package var bucket: String?
    /// The measurement. Default `forecast`.
    package var measurement: String?
    /// Further tags of each point.
    package var tags: [String: String]?
    /// The Secret with `username` and `password`, or with `token`; and with `ca.crt` where the server's certificate is not
    /// of a public authority.
    package var secretRef: SecretReference?

    /// Tags that each point has by itself.
    package static let ownTags = ["pipeline", "version", "column", "quantile"]
    /// Fields of each point.
    package static let ownFields = ["value", "step", "issued"]

    /// Makes a sink.
    package init(url: String, database: String? = nil) {
        self.url = url
        self.database = database
    }

    func withDefaults() -> Self {
        var filled = self
        filled.version = version ?? .v1
        filled.measurement = measurement ?? "forecast"
        return filled
    }

    /// Why a tag cannot have a name; nil where it can.
    static func owner(ofTag name: String) -> String? {
        if ownTags.contains(name) { return "each point has a tag of that name by itself" }
        if ownFields.contains(name) { return "each point has a field of that name by itself" }
        return name == "time" ? "InfluxDB keeps that name for the time of a point" : nil
    }

    /// What the fields contradict.
    func check(_ check: inout SpecCheck, field: String) {
        check.url("\(field).url", url)
        check.secret("\(field).secretRef.name", secretRef)
        InfluxDBPlace(
            version: version,
            database: database,
            retentionPolicy: retentionPolicy,
            organization: organization
        )
        .check(&check, field: field)
        if version == .v2, bucket == nil { check.add("\(field).bucket", "must be set for version V2") }
        if version != .v2, bucket != nil { check.add("\(field).bucket", "goes with version V2; V1 has database") }
        if let measurement, measurement.isEmpty || measurement.hasPrefix("#") {
            check.add("\(field).measurement", "must be a name that does not begin with '#'")
        }
        for name in (tags ?? [:]).keys.sorted() {
            guard let owner = Self.owner(ofTag: name) else { continue }
            check.add("\(field).tags", "must not hold '\(name)': \(owner); name it otherwise")
        }
    }
}

/// What both directions say about the place within a server.
private struct InfluxDBPlace {
    var version: InfluxDBVersion?
    var database: String?
    var retentionPolicy: String?
    var organization: String?

    func check(_ check: inout SpecCheck, field: String) {
        if version == .v2 {
            if organization == nil { check.add("\(field).organization", "must be set for version V2") }
            if database != nil { check.add("\(field).database", "goes with version V1") }
            if retentionPolicy != nil { check.add("\(field).retentionPolicy", "goes with version V1") }
        } else {
            if database == nil { check.add("\(field).database", "must be set for version V1") }
            if organization != nil { check.add("\(field).organization", "goes with version V2") }
        }
    }
}
