// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Where a store keeps its files: a directory, or a bucket of objects.
///
/// Keys are paths below the root, as `models/team/traffic/v1/manifest.json`. What a reader gets is whole: a write is
/// seen with all its bytes or not at all, whenever its program dies. Calls block: keep them off the cooperative pool.
/// They throw `ForecastingError`: `fileSystem` and `storeUnreachable` for what another attempt may heal,
/// `storeRefused` and `storeCredentialsRejected` for what it cannot.
package protocol ArtifactStorage: Sendable {
    /// What comes before a key and a slash where people read it: a path, or `s3://<bucket>/<prefix>`.
    var root: String { get }
    /// What comes before the path of a model's version in a status, so that it can be found from elsewhere; empty where
    /// the root says nothing outside of its machine.
    var uriPrefix: String { get }

    /// A whole file; nil when there is none.
    func read(_ key: String) throws(ForecastingError) -> [UInt8]?
    /// Opens a file that may be too large to have it in memory twice; nil when there is none. The caller verifies it.
    func open(_ key: String) throws(ForecastingError) -> (any ArtifactReader)?
    /// When a file was last written, in seconds since 1970; nil when it is not there.
    func modificationTime(_ key: String) throws(ForecastingError) -> Int64?
    /// Writes or replaces a file, on whose bytes one can rely on return.
    func replace(_ key: String, with bytes: SegmentedBytes) throws(ForecastingError)
    /// Removes a file; fine when it is not there.
    func remove(_ key: String) throws(ForecastingError)

    /// The names of the files in a folder, sorted.
    func files(in folder: String) throws(ForecastingError) -> [String]
    /// The names of the folders in a folder that hold a file of that name, sorted; nil for all, even what a bucket's server
    /// still shows of a folder whose files are gone.
    func folders(in folder: String, holding file: String?) throws(ForecastingError) -> [String]

    /// Makes a folder of a seal and parts, which become visible together; false, and nothing changed, where there is
    /// such a folder already, whoever makes it at the same time.
    func create(_ folder: String, parts: [ArtifactPart], seal: ArtifactPart) throws(ForecastingError) -> Bool
    /// A part of a folder that was made by `create`; nil when it is not there. The caller verifies the digest.
    func readPart(_ name: String, digest: String, of folder: String) throws(ForecastingError) -> [UInt8]?
    /// Removes a folder and its files; one that is interrupted can be done again.
    func removeFolder(_ folder: String, _ order: FolderRemoval) throws(ForecastingError)
    /// Removes what interrupted calls left in a folder, where it is from before an instant in seconds since 1970.
    ///
    /// - Parameter seal: The name of the seals of the folders in it; nil where they have none.
    /// - Returns: The keys of what is gone.
    func removeLeftovers(in folder: String, sealedBy seal: String?, before: Int64) throws(ForecastingError) -> [String]
}

extension ArtifactStorage {
    /// A key as people read it.
    func path(_ key: String) -> String { root + "/" + key }

    /// Writes or replaces a file of one array.
    package func replace(_ key: String, with bytes: [UInt8]) throws(ForecastingError) {
        try replace(key, with: SegmentedBytes(bytes))
    }
}

/// A file of a folder that is made in one piece.
package struct ArtifactPart: Sendable {
    /// The file's name.
    package let name: String
    /// The content.
    package let bytes: [UInt8]
    /// The digest of the content.
    package let digest: String

    /// A part with the digest of its bytes.
    /// - Throws: `ForecastingError.digestUnavailable`.
    package init(name: String, bytes: [UInt8]) throws(ForecastingError) {
        self.name = name
        self.bytes = bytes
        digest = try SHA256Hasher.digest(of: bytes)
    }
}

/// The order in which a folder's files go, where they cannot go together.
package enum FolderRemoval: Sendable {
    /// The seal goes first: nobody meets half of the folder.
    case sealFirst(String)
    /// The file goes last that says whose the folder is: an interrupted removal is found again.
    case ownerLast(String)
}
