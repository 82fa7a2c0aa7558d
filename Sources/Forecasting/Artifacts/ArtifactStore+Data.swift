// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A stored dataset and what it spans.
package struct DatasetReference: Hashable, Codable, Sendable {
    /// The digest of the file, which is also its name.
    package let digest: String
    /// The number of rows.
    package let rows: Int
    /// The first row's time, as RFC 3339 in UTC.
    package let from: String
    /// The last row's time, as RFC 3339 in UTC.
    package let to: String
}

extension ArtifactStore {
    private static let timestampsName = "timestamps"
    private static let columnPrefix = "column:"
    private static let frequencyKey = "frequency"

    /// Stores a prepared table, named by its content; storing the same one again changes nothing.
    ///
    /// - Parameter observed: How many of its rows are said to be there; those behind them are rows to come. nil for all.
    /// - Throws: `ForecastingError`: `invalidFrame` when it has no rows, `fileSystem`.
    package func saveDataset(
        _ frame: TimeSeriesFrame,
        frequency: Frequency,
        observed: Int? = nil
    ) throws(ForecastingError) -> DatasetReference {
        let rows = frame.rowCount
        let shown = observed ?? rows
        guard let first = frame.timestamps.first, (1...rows).contains(shown) else {
            throw .invalidFrame(reason: "it has no rows")
        }
        let last = frame.timestamps[shown - 1]
        var tensors = [NamedTensor(name: Self.timestampsName, shape: [rows], values: .int64(frame.timestamps))]
        for (name, column) in zip(frame.names, frame.columns) {
            tensors.append(NamedTensor(name: Self.columnPrefix + name, shape: [rows], values: .float64(column)))
        }
        let file = try SafetensorsFile(tensors: tensors, metadata: [Self.frequencyKey: frequency.description])
        let bytes = try file.encoded()
        let digest = try SHA256Hasher.digest(of: bytes)
        try storage.replace("datasets/" + Self.datasetName(digest), with: bytes)
        return DatasetReference(digest: digest, rows: shown, from: UTCTime.text(first), to: UTCTime.text(last))
    }

    /// Loads a dataset by its digest and verifies it.
    /// - Throws: `ForecastingError`: `artifactNotFound`, `artifactDigestMismatch`, `invalidSafetensors`, `fileSystem`.
    package func loadDataset(digest: String) throws(ForecastingError) -> (frame: TimeSeriesFrame, frequency: Frequency)
    {
        let bytes = try readVerified("datasets/" + Self.datasetName(digest), digest: digest)
        let file = try SafetensorsFile(decoding: bytes)
        guard let frequency = file.metadata[Self.frequencyKey],
            case .int64(let timestamps)? = file.tensors.first(where: { $0.name == Self.timestampsName })?.values
        else { throw .invalidSafetensors(reason: "it is not a dataset: timestamps or frequency are missing") }
        var names: [String] = []
        var columns: [[Double]] = []
        // The file keeps the order of the columns.
        for tensor in file.tensors where tensor.name.hasPrefix(Self.columnPrefix) {
            guard case .float64(let values) = tensor.values else {
                throw .invalidSafetensors(reason: "it is not a dataset: '\(tensor.name)' is not F64")
            }
            names.append(String(tensor.name.dropFirst(Self.columnPrefix.count)))
            columns.append(values)
        }
        return (
            try TimeSeriesFrame(timestamps: timestamps, names: names, columns: columns), try Frequency(frequency)
        )
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
