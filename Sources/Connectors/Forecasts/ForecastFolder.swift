// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Forecasting

/// A folder that forecasts are written into as files: of this machine, or of a bucket.
///
/// A file is there whole or not at all. One that is written again replaces itself.
package struct ForecastFolder: Sendable {
    private enum Place: Sendable {
        case directory(DirectoryStorage)
        case bucket(S3Client, prefix: String)
    }

    private let place: Place

    /// A folder of a file system. It is made where it is missing.
    ///
    /// Files are brought to the disk under a hidden name beside their place, and then renamed.
    package init(path: String, files: any ArtifactFileSystem = POSIXFileSystem()) {
        place = .directory(DirectoryStorage(root: path, files: files))
    }

    /// A folder of a bucket: what keys begin with.
    package init(_ folder: S3Folder, of client: S3Client) {
        place = .bucket(client, prefix: folder.prefix)
    }

    /// Where a file is, for messages.
    package func shown(_ name: String) -> String {
        switch place {
        case .directory(let storage): "\(storage.root)/\(name)"
        case .bucket(let client, let prefix): client.bucket.shown(prefix + name)
        }
    }

    /// Writes or replaces a file; `name` may hold folders.
    ///
    /// Throws `ConnectorError`: `sinkUnreachable` for a full disk, a server that does not answer or says "later";
    /// `writeRefused` with what the server says; `s3` for credentials that it does not take; `cancelled`. Nothing of the
    /// file is visible then, and an older one of that name stays.
    package func write(_ bytes: [UInt8], as name: String) async throws(ConnectorError) {
        switch place {
        case .directory(let storage): try await write(bytes, as: name, into: storage)
        case .bucket(let client, let prefix): try await put(bytes, prefix + name, client)
        }
    }

    private func write(
        _ bytes: [UInt8],
        as name: String,
        into storage: DirectoryStorage
    ) async throws(ConnectorError) {
        try await BlockingThread(label: "almanac.forecasts").run { () throws(ConnectorError) in
            do throws(ForecastingError) {
                try storage.replace(name, with: bytes)
            } catch {
                throw .sinkUnreachable(url: "\(storage.root)/\(name)", reason: error.description)
            }
        }
    }

    private func put(_ bytes: [UInt8], _ key: String, _ client: S3Client) async throws(ConnectorError) {
        do throws(ConnectorError) {
            try await client.put(key, bytes)
        } catch .s3(let problem) {
            switch problem.kind {
            case .unreachable: throw .sinkUnreachable(url: client.bucket.shown(key), reason: problem.reason)
            case .credentialsRejected, .accessDenied: throw .s3(problem)
            case .bucketNotFound, .notFound, .unsupported, .refused:
                throw .writeRefused(url: client.bucket.shown(key), reason: problem.reason)
            }
        }
    }
}

/// A folder of a bucket by one text: `s3://<bucket>` or `s3://<bucket>/<folder>`.
package struct S3Folder: Sendable, Equatable {
    /// The bucket.
    package let bucket: String
    /// What keys begin with: empty, or with a slash at its end.
    let prefix: String

    /// Reads a URL; slashes that say nothing do not count.
    /// - Throws: `ConnectorError.badSpecification` with the field `url`.
    package init(_ text: String) throws(ConnectorError) {
        let parts = text.dropFirst("s3://".count).split(separator: "/", omittingEmptySubsequences: false)
        let folders = parts.dropFirst().filter { !$0.isEmpty }
        guard text.hasPrefix("s3://"), let bucket = parts.first, !bucket.isEmpty,
            !folders.contains(where: { $0 == "." || $0 == ".." || $0.contains("*") })
        else {
            throw .badSpecification(field: "url", problem: "'\(text.prefix(200))' is not s3://<bucket>/<folder>")
        }
        self.bucket = String(bucket)
        prefix = folders.map { $0 + "/" }.joined()
    }
}
