// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Where data comes from: exactly one block, and which times of it.
package struct SourceSpec: Codable, Sendable, Equatable {
    /// A file of delimited text.
    package var csv: CSVSourceSpec?
    /// Parquet files.
    package var parquet: ParquetSourceSpec?
    /// A query to InfluxDB.
    package var influxdb: InfluxDBSourceSpec?
    /// A range query to Prometheus.
    package var prometheus: PrometheusSourceSpec?
    /// Which times are read; nil for all that there are.
    package var window: DataWindowSpec?

    /// The blocks that exclude each other.
    package static let kinds = ["csv", "parquet", "influxdb", "prometheus"]

    /// Makes a source.
    package init(csv: CSVSourceSpec? = nil) {
        self.csv = csv
    }

    /// Makes a source of a Parquet file.
    package init(parquet: ParquetSourceSpec) {
        self.parquet = parquet
    }

    /// Makes a source of a query to InfluxDB.
    package init(influxdb: InfluxDBSourceSpec, window: DataWindowSpec? = nil) {
        self.influxdb = influxdb
        self.window = window
    }

    /// Makes a source of a query to Prometheus.
    package init(prometheus: PrometheusSourceSpec, window: DataWindowSpec? = nil) {
        self.prometheus = prometheus
        self.window = window
    }

    /// The claim that the file lies in, whatever its kind.
    package var persistentVolumeClaim: ClaimReference? {
        csv?.persistentVolumeClaim ?? parquet?.persistentVolumeClaim
    }

    /// The blocks that are set, by name.
    package var chosenKinds: [String] {
        zip(Self.kinds, [csv != nil, parquet != nil, influxdb != nil, prometheus != nil]).filter(\.1).map(\.0)
    }

    /// The Secrets that whoever reads needs.
    var secretRefs: [SecretReference?] {
        [csv?.secretRef, csv?.s3?.secretRef, parquet?.secretRef, parquet?.s3?.secretRef]
            + [influxdb?.secretRef, prometheus?.secretRef]
    }

    func withDefaults() -> Self {
        var filled = self
        filled.csv = csv?.withDefaults()
        filled.parquet?.s3 = parquet?.s3?.withDefaults()
        filled.influxdb = influxdb?.withDefaults()
        return filled
    }
}

/// A file, wherever it lies.
package protocol FileSourceSpec: Sendable {
    /// An `http://` or `https://` address, or in a bucket `s3://<bucket>/<key>`, where a key that ends with `/` stands for
    /// all below it and `*` in its last part for any text; exactly one of `url` and `path`.
    var url: String? { get }
    /// A file: in the claim where one is named, else in the worker image's samples folder; with `almanac run`, relative
    /// to the folder of the pipeline file. With `/` at its end all files below a folder, and with `*` in its last part those
    /// that match.
    var path: String? { get }
    /// The claim that holds the file.
    var persistentVolumeClaim: ClaimReference? { get }
    /// What the server of `url` asks for: `token`, or `username` and `password`; `ca.crt` where its certificate is not of
    /// a public authority.
    var secretRef: SecretReference? { get }
    /// Where the bucket of an `s3://` URL is.
    var s3: S3ServerSpec? { get }
}

/// Parquet files.
package struct ParquetSourceSpec: FileSourceSpec, Codable, Equatable {
    package var url: String?
    package var path: String?
    package var persistentVolumeClaim: ClaimReference?
    package var secretRef: SecretReference?
    package var s3: S3ServerSpec?

    /// Makes a Parquet source.
    package init(url: String? = nil, path: String? = nil, persistentVolumeClaim: ClaimReference? = nil) {
        self.url = url
        self.path = path
        self.persistentVolumeClaim = persistentVolumeClaim
    }
}

/// A file of delimited text, plain or gzip.
package struct CSVSourceSpec: FileSourceSpec, Codable, Equatable {
    package var url: String?
    package var path: String?
    package var persistentVolumeClaim: ClaimReference?
    package var secretRef: SecretReference?
    package var s3: S3ServerSpec?
    /// The character between fields; `\\t` for a tab. Default a comma.
    package var delimiter: String?
    /// Whether the first line names the columns. Default true.
    package var header: Bool?
    /// The names of all columns, in order, where there is no header line.
    package var columns: [String]?

    /// Makes a CSV source.
    package init(url: String? = nil, path: String? = nil, persistentVolumeClaim: ClaimReference? = nil) {
        self.url = url
        self.path = path
        self.persistentVolumeClaim = persistentVolumeClaim
    }

    func withDefaults() -> Self {
        var filled = self
        filled.delimiter = delimiter ?? ","
        filled.header = header ?? true
        filled.s3 = s3?.withDefaults()
        return filled
    }
}
