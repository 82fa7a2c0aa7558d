// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Models, datasets and files of runs below one root directory.
///
/// Calls block: keep them off the cooperative pool.
///
/// ```
/// models/<namespace>/<pipeline>/<version>/{manifest.json, weights.safetensors}
/// datasets/<hexadecimal SHA-256>.safetensors
/// runs/<namespace>/<run>/<file>
/// ```
/// What is there is whole: it is written under a hidden temporary name beside its place, brought to the disk, and then
/// renamed once. A crash leaves at most a hidden folder, which no reader looks at.
package struct ArtifactStore: Sendable {
    /// What publishing gave.
    package struct Published: Hashable, Sendable {
        /// Where the artifact is, below the root.
        package let address: ArtifactAddress
        /// The digest of its manifest, which holds the digests of the other files.
        package let digest: String
    }

    /// The directory that everything is below.
    package let root: String
    let files: any ArtifactFileSystem
    static let temporaryPrefix = ".partial-"

    /// A store below a directory, which is made when something is written.
    package init(root: String, files: any ArtifactFileSystem = POSIXFileSystem()) {
        self.root = root
        self.files = files
    }

    // MARK: Models

    /// Publishes an artifact under an address, whole or not at all.
    ///
    /// Publishing the same one again changes nothing; the time of making does not count.
    /// - Throws: `ForecastingError`: `artifactExists` when the version is there with other content, `fileSystem`.
    package func publish(_ artifact: Artifact, as address: ArtifactAddress) throws(ForecastingError) -> Published {
        if let published = try existing(artifact.manifest, at: address) { return published }
        let manifest = try artifact.manifest.encoded()
        let parent = path(address.directory)
        try files.makeDirectory(parent)
        let temporary = try files.makeTemporaryDirectory(in: parent, prefix: Self.temporaryPrefix)
        do throws(ForecastingError) {
            try files.write(artifact.weights.encoded(), to: temporary + "/" + ArtifactManifest.weightsName)
            try files.write(manifest, to: temporary + "/" + ArtifactManifest.fileName)
            try files.synchronize(directory: temporary)
            if try files.rename(temporary, to: path(address.description)) {
                try files.synchronize(directory: parent)
                return Published(address: address, digest: try SHA256Hasher.digest(of: manifest))
            }
        } catch {
            try? files.removeDirectory(temporary)
            throw error
        }
        // Another writer was first.
        try files.removeDirectory(temporary)
        guard let published = try existing(artifact.manifest, at: address) else {
            throw .artifactExists(path: path(address.description))
        }
        return published
    }

    /// Loads an artifact and verifies the digests of its files.
    /// - Throws: `ForecastingError`: `artifactNotFound`, `artifactDigestMismatch`, `invalidManifest`,
    ///   `invalidSafetensors`, `fileSystem`.
    package func load(_ address: ArtifactAddress) throws(ForecastingError) -> Artifact {
        let directory = path(address.description)
        let manifestPath = directory + "/" + ArtifactManifest.fileName
        guard let bytes = try files.read(manifestPath) else { throw .artifactNotFound(path: directory) }
        let manifest = try ArtifactManifest(decoding: bytes, path: manifestPath)
        guard let expected = manifest.files[ArtifactManifest.weightsName], manifest.files.count == 1 else {
            throw .invalidManifest(path: manifestPath, reason: "files must name just \(ArtifactManifest.weightsName)")
        }
        let weights = try readVerified(directory + "/" + ArtifactManifest.weightsName, digest: expected)
        return Artifact(manifest: manifest, weights: try SafetensorsFile(decoding: weights))
    }

    /// The digest of the manifest at an address, as publishing it gave.
    /// - Throws: `ForecastingError`: `artifactNotFound`, `fileSystem`.
    package func digest(of address: ArtifactAddress) throws(ForecastingError) -> String {
        let path = path(address.description) + "/" + ArtifactManifest.fileName
        guard let bytes = try files.read(path) else { throw .artifactNotFound(path: path) }
        return try SHA256Hasher.digest(of: bytes)
    }

    /// The versions of a pipeline's model, sorted by name.
    /// - Throws: `ForecastingError`: `invalidName`, `fileSystem`.
    package func versions(namespace: String, pipeline: String) throws(ForecastingError) -> [String] {
        let address = try ArtifactAddress(namespace: namespace, pipeline: pipeline, version: "any")
        return try files.list(path(address.directory)).filter { !$0.hasPrefix(".") }
    }

    /// The published artifact at an address when it is the same as this one; nil when there is none.
    private func existing(
        _ manifest: ArtifactManifest,
        at address: ArtifactAddress
    ) throws(ForecastingError) -> Published? {
        let directory = path(address.description)
        let manifestPath = directory + "/" + ArtifactManifest.fileName
        guard let bytes = try files.read(manifestPath) else { return nil }
        guard try ArtifactManifest(decoding: bytes, path: manifestPath).describesSame(as: manifest) else {
            throw .artifactExists(path: directory)
        }
        return Published(address: address, digest: try SHA256Hasher.digest(of: bytes))
    }

    // MARK: Files

    func path(_ relative: String) -> String { root + "/" + relative }

    func readVerified(_ path: String, digest expected: String) throws(ForecastingError) -> [UInt8] {
        guard let bytes = try files.read(path) else { throw .artifactNotFound(path: path) }
        let actual = try SHA256Hasher.digest(of: bytes)
        guard actual == expected else {
            throw .artifactDigestMismatch(file: path, expected: expected, actual: actual)
        }
        return bytes
    }

    /// Writes or replaces one file, whole or not at all.
    func replaceFile(_ name: String, in directory: String, with bytes: [UInt8]) throws(ForecastingError) {
        try files.makeDirectory(directory)
        let temporary = try files.makeTemporaryDirectory(in: directory, prefix: Self.temporaryPrefix)
        do throws(ForecastingError) {
            try files.write(bytes, to: temporary + "/" + name)
            guard try files.rename(temporary + "/" + name, to: directory + "/" + name) else {
                throw .artifactExists(path: directory + "/" + name)
            }
            try files.synchronize(directory: directory)
        } catch {
            try? files.removeDirectory(temporary)
            throw error
        }
        try files.removeDirectory(temporary)
    }
}
