// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Where a model's version is in a store: `models/<namespace>/<pipeline>/<version>`.
package struct ArtifactAddress: Hashable, Codable, Sendable, CustomStringConvertible {
    /// The namespace of the pipeline.
    package let namespace: String
    /// The pipeline that made the model.
    package let pipeline: String
    /// The version; it never changes once it is there.
    package let version: String

    /// An address whose parts are names of folders.
    /// - Throws: `ForecastingError.invalidName`.
    package init(namespace: String, pipeline: String, version: String) throws(ForecastingError) {
        self.namespace = try Self.checked(namespace, kind: "namespace")
        self.pipeline = try Self.checked(pipeline, kind: "pipeline")
        self.version = try Self.checked(version, kind: "version")
    }

    /// The address of a path `models/<namespace>/<pipeline>/<version>`, below the store's root.
    /// - Throws: `ForecastingError`: `invalidModelPath`, `invalidName`.
    init(modelPath path: String) throws(ForecastingError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == "models" else { throw .invalidModelPath(path) }
        try self.init(namespace: parts[1], pipeline: parts[2], version: parts[3])
    }

    /// The path below the store's root.
    package var description: String { "\(directory)/\(version)" }

    /// The path of the folder of all versions, below the store's root.
    var directory: String { "models/\(namespace)/\(pipeline)" }

    /// The name, if it is one folder's or file's: it cannot lead out of the store and is not hidden.
    static func checked(_ name: String, kind: String) throws(ForecastingError) -> String {
        let isValid = name.utf8.enumerated().allSatisfy { index, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): index > 0
            default: false
            }
        }
        guard isValid, (1...253).contains(name.utf8.count) else { throw .invalidName(kind: kind, value: name) }
        return name
    }
}
