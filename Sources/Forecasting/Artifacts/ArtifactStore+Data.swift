// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Stored data and what it spans.
package struct DatasetReference: Hashable, Codable, Sendable {
    /// The digest of the file, which is also its name.
    package let digest: String
    /// The number of rows that were observed, of all series.
    package let rows: Int
    /// The first row's time, as RFC 3339 in UTC.
    package let from: String
    /// The time of the last row that was observed, as RFC 3339 in UTC.
    package let to: String
    /// The number of series; nil where the data is not grouped.
    package var series: Int?
}

extension ArtifactStore {
    /// Stores prepared data, named by its content; storing the same again changes nothing.
    ///
    /// - Parameter ahead: By series, the rows behind the observed ones; nil where no column is known ahead.
    /// - Throws: `ForecastingError`: `invalidFrame` when a series has no rows or other columns ahead, `fileSystem`.
    package func saveDataset(
        _ panel: Panel,
        ahead: [TimeSeriesFrame]? = nil,
        frequency: Frequency
    ) throws(ForecastingError) -> DatasetReference {
        let dataset = try StoredDataset(panel: panel, ahead: ahead, frequency: frequency)
        let bytes = try dataset.encoded()
        let digest = try bytes.digest()
        try storage.replace("datasets/" + Self.datasetName(digest), with: bytes)
        return dataset.reference(digest: digest)
    }

    /// Loads prepared data and verifies it.
    /// - Throws: `ForecastingError`: `artifactNotFound`, `artifactDigestMismatch`, `invalidSafetensors`, `fileSystem`.
    package func loadDataset(_ reference: DatasetReference) throws(ForecastingError) -> StoredDataset {
        let key = try "datasets/" + Self.datasetName(reference.digest)
        guard let stored = try storage.open(key) else { throw .artifactNotFound(path: storage.path(key)) }
        let file = try DigestingReader(stored)
        let content = Result { () throws(ForecastingError) in try SafetensorsFile(reading: file) }
        // What is wrong with damaged bytes is that they are damaged.
        try requireSame(try file.digest(), as: reference.digest, key)
        return try StoredDataset(content.get(), observed: reference.rows)
    }

    /// Writes or replaces a file of a run.
    /// - Throws: `ForecastingError`: `invalidName`, `fileSystem`.
    package func writeRunFile(
        _ name: String,
        namespace: String,
        run: String,
        bytes: [UInt8]
    ) throws(ForecastingError) {
        try storage.replace(try runFile(name, namespace: namespace, run: run), with: bytes)
    }

    /// Reads a file of a run.
    /// - Throws: `ForecastingError`: `invalidName`, `artifactNotFound`, `fileSystem`.
    package func readRunFile(_ name: String, namespace: String, run: String) throws(ForecastingError) -> [UInt8] {
        let key = try runFile(name, namespace: namespace, run: run)
        guard let bytes = try storage.read(key) else { throw .artifactNotFound(path: storage.path(key)) }
        return bytes
    }

    /// Removes a file of a run; fine when it is not there.
    /// - Throws: `ForecastingError`: `invalidName`, `fileSystem`.
    package func removeRunFile(_ name: String, namespace: String, run: String) throws(ForecastingError) {
        try storage.remove(try runFile(name, namespace: namespace, run: run))
    }

    private func runFile(_ name: String, namespace: String, run: String) throws(ForecastingError) -> String {
        let namespace = try ArtifactAddress.checked(namespace, kind: "namespace")
        let run = try ArtifactAddress.checked(run, kind: "run")
        return "runs/\(namespace)/\(run)/" + (try ArtifactAddress.checked(name, kind: "file"))
    }

    /// The file's name: the digest without the name of its algorithm.
    static func datasetName(_ digest: String) throws(ForecastingError) -> String {
        let hex = digest.hasPrefix("sha256:") ? String(digest.dropFirst(7)) : digest
        return try ArtifactAddress.checked(hex, kind: "digest") + ".safetensors"
    }
}
