// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Forecasting

/// A bucket, or the part of it below a prefix, as the storage of models, data sets and files of runs.
///
/// An object is written whole or not at all; a folder is made visible by its seal, which is written last and only where
/// there is none (`If-None-Match: *`). Parts carry their digest in their key, so two writers of one folder never
/// overwrite each other's: whichever seal stays, the parts that it names are there. The seal is read back, for servers
/// that ignore the condition.
package struct S3ArtifactStorage: ArtifactStorage {
    private let client: S3Client
    private let calls: BlockingCalls
    /// Empty, or with a slash at its end.
    private let prefix: String
    package let root: String

    /// Opens a storage for the time of `body`, whose calls may come from any thread that may block.
    ///
    /// - Parameter prefix: What comes before all keys; slashes around it do not count.
    package static func withStorage<Value: Sendable>(
        of client: S3Client,
        prefix: String?,
        _ body: (S3ArtifactStorage) async throws -> Value
    ) async throws -> Value {
        let calls = BlockingCalls()
        // Ends, and with it whoever still waits, when `body` has ended.
        async let serving: Void = calls.serve()
        let value = try await body(S3ArtifactStorage(client, prefix: prefix, calls))
        calls.close()
        await serving
        return value
    }

    private init(_ client: S3Client, prefix: String?, _ calls: BlockingCalls) {
        self.client = client
        self.calls = calls
        let folders = (prefix ?? "").split(separator: "/").joined(separator: "/")
        self.prefix = folders.isEmpty ? "" : folders + "/"
        root = "s3://\(client.bucket.name)" + (folders.isEmpty ? "" : "/" + folders)
    }

    package var uriPrefix: String { root + "/" }

    // MARK: Files

    package func read(_ key: String) throws(ForecastingError) -> [UInt8]? {
        let key = prefix + key
        return try wait { (client) async throws(ConnectorError) in try await client.get(key) }
    }

    package func open(_ key: String) throws(ForecastingError) -> (any ArtifactReader)? {
        let key = prefix + key
        guard let object = try object(key) else { return nil }
        return S3ObjectReader(size: object.size) { (range) throws(ForecastingError) in
            try wait { (client) async throws(ConnectorError) in try await client.get(key, range) }
        }
    }

    package func modificationTime(_ key: String) throws(ForecastingError) -> Int64? {
        try object(prefix + key)?.modified
    }

    package func replace(_ key: String, with bytes: SegmentedBytes) throws(ForecastingError) {
        let key = prefix + key
        try wait { (client) async throws(ConnectorError) in
            try await client.put(key, count: bytes.count) { bytes[$0] }
        }
    }

    package func remove(_ key: String) throws(ForecastingError) {
        let key = prefix + key
        try wait { (client) async throws(ConnectorError) in try await client.delete(key) }
    }

    // MARK: Folders

    package func files(in folder: String) throws(ForecastingError) -> [String] {
        let start = "\(prefix)\(folder)/"
        return try listing(start, delimiter: "/").objects.map { String($0.key.dropFirst(start.count)) }
    }

    package func folders(in folder: String, holding file: String?) throws(ForecastingError) -> [String] {
        let start = "\(prefix)\(folder)/"
        guard let file else {
            return try listing(start, delimiter: "/").prefixes.map { String($0.dropFirst(start.count).dropLast()) }
        }
        return try listing(start).objects.compactMap { object in
            let parts = object.key.dropFirst(start.count).split(separator: "/", omittingEmptySubsequences: false)
            return parts.count == 2 && parts[1] == file ? String(parts[0]) : nil
        }
    }

    package func create(
        _ folder: String,
        parts: [ArtifactPart],
        seal: ArtifactPart
    ) throws(ForecastingError) -> Bool {
        let start = "\(prefix)\(folder)/"
        return try wait { (client) async throws(ConnectorError) in
            for part in parts {
                try await client.put(start + Self.name(of: part.name, digest: part.digest), part.bytes)
            }
            try await Self.put(seal, start + seal.name, client)
            // A seal that is there may be our own: of a first attempt whose answer was lost.
            return try await client.get(start + seal.name) == seal.bytes
        }
    }

    /// Writes a seal where there is none; a server that refuses conditions is asked first.
    private static func put(_ seal: ArtifactPart, _ key: String, _ client: S3Client) async throws(ConnectorError) {
        do throws(ConnectorError) {
            try await client.put(key, seal.bytes, onlyNew: true)
        } catch .s3(let problem) where problem.kind == .unsupported {
            if try await client.get(key) == nil { try await client.put(key, seal.bytes) }
        }
    }

    package func readPart(
        _ name: String,
        digest: String,
        of folder: String
    ) throws(ForecastingError) -> [UInt8]? {
        try read("\(folder)/\(Self.name(of: name, digest: digest))")
    }

    package func removeFolder(_ folder: String, _ order: FolderRemoval) throws(ForecastingError) {
        let start = "\(prefix)\(folder)/"
        var keys = try listing(start).objects.map(\.key)
        switch order {
        case .sealFirst(let name): keys = keys.filter { $0 == start + name } + keys.filter { $0 != start + name }
        case .ownerLast(let name): keys = keys.filter { $0 != start + name } + keys.filter { $0 == start + name }
        }
        let ordered = keys
        try wait { (client) async throws(ConnectorError) in for key in ordered { try await client.delete(key) } }
    }

    /// Removes folders without a seal whose last object is from before the instant, and aborts uploads that began before it.
    package func removeLeftovers(
        in folder: String,
        sealedBy seal: String?,
        before: Int64
    ) throws(ForecastingError) -> [String] {
        let start = "\(prefix)\(folder)/"
        let uploads = try wait { (client) async throws(ConnectorError) in
            let old = try await client.unfinishedUploads(prefix: start).filter { $0.initiated < before }
            for upload in old { try await client.abort(upload) }
            return old.map(\.key)
        }
        var removed = uploads.map { String($0.dropFirst(prefix.count)) }
        guard let seal else { return removed }
        let groups = Dictionary(grouping: try listing(start).objects) { object in
            object.key.dropFirst(start.count).prefix { $0 != "/" }
        }
        for (name, objects) in groups.sorted(by: { $0.key < $1.key }) {
            guard objects.allSatisfy({ $0.modified < before && $0.key != "\(start)\(name)/\(seal)" }) else { continue }
            try wait { (client) async throws(ConnectorError) in
                for object in objects { try await client.delete(object.key) }
            }
            removed.append("\(folder)/\(name)")
        }
        return removed
    }

    // MARK: Calls

    /// A part's object: two writers with other bytes have other objects.
    private static func name(of part: String, digest: String) -> String {
        "\(digest.split(separator: ":").last ?? "").\(part)"
    }

    /// What a listing says of an object; nil when there is none.
    private func object(_ key: String) throws(ForecastingError) -> S3Object? {
        try listing(key).objects.first { $0.key == key }
    }

    private func listing(_ prefix: String, delimiter: String? = nil) throws(ForecastingError) -> S3Listing {
        try wait { (client) async throws(ConnectorError) in
            try await client.list(prefix: prefix, delimiter: delimiter)
        }
    }

    private func wait<Value: Sendable>(
        for work: @escaping @Sendable (S3Client) async throws(ConnectorError) -> Value
    ) throws(ForecastingError) -> Value {
        let client = client
        do {
            return try calls.wait { () async throws(ConnectorError) in try await work(client) }
        } catch {
            let reason = error.description
            guard !error.isRetryable else { throw .storeUnreachable(reason: reason) }
            if case .s3(let problem) = error, [.credentialsRejected, .accessDenied].contains(problem.kind) {
                throw .storeCredentialsRejected(reason: reason)
            }
            throw .storeRefused(reason: reason)
        }
    }
}
