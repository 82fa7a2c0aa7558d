// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Models, datasets and files of runs, in a directory or a bucket.
///
/// Calls block: keep them off the cooperative pool.
///
/// ```
/// models/<namespace>/<pipeline>/<version>/{manifest.json, weights.safetensors}
/// datasets/<hexadecimal SHA-256>.safetensors
/// runs/<namespace>/<run>/<file>
/// live/<namespace>/<service>/<process>/<file>
/// ```
/// What is there is whole; `ArtifactStorage` says how. A storage may put the parts of a version under other names, so
/// only the manifest is found by its path.
package struct ArtifactStore: Sendable {
    /// What publishing gave.
    package struct Published: Hashable, Sendable {
        /// Where the artifact is, below the root.
        package let address: ArtifactAddress
        /// The digest of its manifest, which holds the digests of the other files.
        package let digest: String
    }

    let storage: any ArtifactStorage

    /// A store in a storage.
    package init(_ storage: any ArtifactStorage) { self.storage = storage }

    /// A store below a directory, which is made when something is written.
    package init(root: String) { storage = DirectoryStorage(root: root) }

    /// What a status says of where a version lies: the path below the store's root, after the storage's own prefix.
    package func uri(of address: ArtifactAddress) -> String { storage.uriPrefix + address.description }

    /// The address of a version by what a status says of where it lies.
    /// - Throws: `ForecastingError`: `invalidModelPath`, also for a version of another store; `invalidName`.
    package func address(ofURI uri: String) throws(ForecastingError) -> ArtifactAddress {
        guard uri.hasPrefix(storage.uriPrefix) else { throw .invalidModelPath(uri) }
        return try ArtifactAddress(modelPath: String(uri.dropFirst(storage.uriPrefix.count)))
    }

    // MARK: Models

    /// Publishes an artifact under an address, whole or not at all.
    ///
    /// Publishing the same one again changes nothing; the time of making does not count.
    /// - Throws: `ForecastingError`: `artifactExists` when the version is there with other content, `fileSystem`.
    package func publish(_ artifact: Artifact, as address: ArtifactAddress) throws(ForecastingError) -> Published {
        if let published = try existing(artifact.manifest, at: address) { return published }
        let weights = try ArtifactPart(name: ArtifactManifest.weightsName, bytes: artifact.weights.encoded())
        let manifest = try ArtifactPart(name: ArtifactManifest.fileName, bytes: artifact.manifest.encoded())
        if try storage.create(address.description, parts: [weights], seal: manifest) {
            return Published(address: address, digest: manifest.digest)
        }
        // Another writer was first.
        guard let published = try existing(artifact.manifest, at: address) else {
            throw .artifactExists(path: storage.path(address.description))
        }
        return published
    }

    /// Loads an artifact and verifies the digests of its files.
    /// - Throws: `ForecastingError`: `artifactNotFound`, `artifactDigestMismatch`, `invalidManifest`,
    ///   `invalidSafetensors`, `fileSystem`.
    package func load(_ address: ArtifactAddress) throws(ForecastingError) -> Artifact {
        let folder = address.description
        let manifestKey = folder + "/" + ArtifactManifest.fileName
        let manifestPath = storage.path(manifestKey)
        guard let bytes = try storage.read(manifestKey) else { throw .artifactNotFound(path: storage.path(folder)) }
        let manifest = try ArtifactManifest(decoding: bytes, path: manifestPath)
        let name = ArtifactManifest.weightsName
        guard let expected = manifest.files[name], manifest.files.count == 1 else {
            throw .invalidManifest(path: manifestPath, reason: "files must name just \(name)")
        }
        let weights = try verified(
            try storage.readPart(name, digest: expected, of: folder),
            of: "\(folder)/\(name)",
            digest: expected
        )
        return Artifact(manifest: manifest, weights: try SafetensorsFile(decoding: weights))
    }

    /// The digest of the manifest at an address, as publishing it gave.
    /// - Throws: `ForecastingError`: `artifactNotFound`, `fileSystem`.
    package func digest(of address: ArtifactAddress) throws(ForecastingError) -> String {
        let key = address.description + "/" + ArtifactManifest.fileName
        guard let bytes = try storage.read(key) else { throw .artifactNotFound(path: storage.path(key)) }
        return try SHA256Hasher.digest(of: bytes)
    }

    /// The versions of a pipeline's model, sorted by name.
    /// - Throws: `ForecastingError`: `invalidName`, `fileSystem`.
    package func versions(namespace: String, pipeline: String) throws(ForecastingError) -> [String] {
        let address = try ArtifactAddress(namespace: namespace, pipeline: pipeline, version: "any")
        return try storage.folders(in: address.directory, holding: ArtifactManifest.fileName)
    }

    /// The published artifact at an address when it is the same as this one; nil when there is none.
    private func existing(
        _ manifest: ArtifactManifest,
        at address: ArtifactAddress
    ) throws(ForecastingError) -> Published? {
        let key = address.description + "/" + ArtifactManifest.fileName
        guard let bytes = try storage.read(key) else { return nil }
        guard try ArtifactManifest(decoding: bytes, path: storage.path(key)).describesSame(as: manifest) else {
            throw .artifactExists(path: storage.path(address.description))
        }
        return Published(address: address, digest: try SHA256Hasher.digest(of: bytes))
    }

    // MARK: Files

    private func verified(
        _ found: [UInt8]?,
        of key: String,
        digest expected: String
    ) throws(ForecastingError) -> [UInt8] {
        guard let bytes = found else { throw .artifactNotFound(path: storage.path(key)) }
        try requireSame(try SHA256Hasher.digest(of: bytes), as: expected, key)
        return bytes
    }

    func requireSame(_ actual: String, as expected: String, _ key: String) throws(ForecastingError) {
        guard actual == expected else {
            throw .artifactDigestMismatch(file: storage.path(key), expected: expected, actual: actual)
        }
    }
}
