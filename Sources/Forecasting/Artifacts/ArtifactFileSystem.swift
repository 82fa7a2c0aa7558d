// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The file operations that a store needs; tests put faults between them.
///
/// Paths are absolute or relative to the working directory. Every operation throws `ForecastingError.fileSystem` with
/// the operation, the path and the system's reason.
package protocol ArtifactFileSystem: Sendable {
    /// The whole file; nil when there is none.
    func read(_ path: String) throws(ForecastingError) -> [UInt8]?
    /// Opens a file to read it from its first byte to its last; nil when there is none.
    func open(_ path: String) throws(ForecastingError) -> (any ArtifactReader)?
    /// The names in a directory, sorted; empty when there is none.
    func list(_ directory: String) throws(ForecastingError) -> [String]
    /// Makes a directory and those above it; fine when it is there.
    func makeDirectory(_ path: String) throws(ForecastingError)
    /// Makes a new, empty directory whose name begins with `prefix`, and returns its path.
    func makeTemporaryDirectory(in directory: String, prefix: String) throws(ForecastingError) -> String
    /// Writes a new file and has it on the disk on return.
    func write(_ bytes: SegmentedBytes, to path: String) throws(ForecastingError)
    /// Has the names in a directory on the disk on return.
    func synchronize(directory: String) throws(ForecastingError)
    /// Renames atomically. False when the target is a directory that is not empty; a file is replaced.
    func rename(_ source: String, to target: String) throws(ForecastingError) -> Bool
    /// Removes a directory and the files in it; fine when it is not there.
    func removeDirectory(_ path: String) throws(ForecastingError)
    /// Removes a file; fine when it is not there.
    func removeFile(_ path: String) throws(ForecastingError)
    /// When a file or directory was last written, in seconds since 1970; nil when it is not there.
    func modificationTime(_ path: String) throws(ForecastingError) -> Int64?
}
