// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Where data comes from: exactly one block.
package struct SourceSpec: Codable, Sendable, Equatable {
    /// A file of delimited text.
    package var csv: CSVSourceSpec?

    /// Makes a source.
    package init(csv: CSVSourceSpec? = nil) {
        self.csv = csv
    }
}

/// A file of delimited text, plain or gzip.
package struct CSVSourceSpec: Codable, Sendable, Equatable {
    /// An `http://` or `https://` address, or in a bucket `s3://<bucket>/<key>`, where a key that ends with `/` stands for
    /// all below it and `*` in its last part for any text; exactly one of `url` and `path`.
    package var url: String?
    /// A file: in the claim where one is named, else in the worker image's samples folder; with `almanac run`, relative
    /// to the folder of the pipeline file.
    package var path: String?
    /// The claim that holds the file.
    package var persistentVolumeClaim: ClaimReference?
    /// What the server of `url` asks for: `token`, or `username` and `password`; `ca.crt` where its certificate is not of
    /// a public authority.
    package var secretRef: SecretReference?
    /// Where the bucket of an `s3://` URL is.
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
