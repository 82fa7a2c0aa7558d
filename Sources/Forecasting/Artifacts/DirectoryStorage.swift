// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A directory of this machine or of a network file system.
///
/// What is written is brought to the disk under a hidden temporary name beside its place, and then renamed once. A crash
/// leaves at most a hidden folder, which no reader looks at.
package struct DirectoryStorage: ArtifactStorage {
    package let root: String
    let files: any ArtifactFileSystem
    private static let temporaryPrefix = ".partial-"
    /// What folders are called while they are being removed.
    private static let removedPrefix = temporaryPrefix + "removed-"

    /// A directory, which is made when something is written.
    package init(root: String, files: any ArtifactFileSystem = POSIXFileSystem()) {
        self.root = root
        self.files = files
    }

    package var uriPrefix: String { "" }

    package func read(_ key: String) throws(ForecastingError) -> [UInt8]? { try files.read(path(key)) }

    package func open(_ key: String) throws(ForecastingError) -> (any ArtifactReader)? { try files.open(path(key)) }

    package func modificationTime(_ key: String) throws(ForecastingError) -> Int64? {
        try files.modificationTime(path(key))
    }

    package func replace(_ key: String, with bytes: SegmentedBytes) throws(ForecastingError) {
        let target = path(key)
        let directory = Self.parent(of: target)
        try files.makeDirectory(directory)
        let temporary = try files.makeTemporaryDirectory(in: directory, prefix: Self.temporaryPrefix)
        do throws(ForecastingError) {
            try files.write(bytes, to: temporary + "/file")
            guard try files.rename(temporary + "/file", to: target) else { throw .artifactExists(path: target) }
            try files.synchronize(directory: directory)
        } catch {
            try? files.removeDirectory(temporary)
            throw error
        }
        try files.removeDirectory(temporary)
    }

    package func remove(_ key: String) throws(ForecastingError) { try files.removeFile(path(key)) }

    package func files(in folder: String) throws(ForecastingError) -> [String] { try visible(in: folder) }

    package func folders(in folder: String, holding file: String?) throws(ForecastingError) -> [String] {
        var names: [String] = []
        for name in try visible(in: folder) {
            if let file, try files.modificationTime(path("\(folder)/\(name)/\(file)")) == nil { continue }
            names.append(name)
        }
        return names
    }

    package func create(
        _ folder: String,
        parts: [ArtifactPart],
        seal: ArtifactPart
    ) throws(ForecastingError) -> Bool {
        let target = path(folder)
        let parent = Self.parent(of: target)
        try files.makeDirectory(parent)
        let temporary = try files.makeTemporaryDirectory(in: parent, prefix: Self.temporaryPrefix)
        do throws(ForecastingError) {
            for part in parts + [seal] { try files.write(SegmentedBytes(part.bytes), to: temporary + "/" + part.name) }
            try files.synchronize(directory: temporary)
            if try files.rename(temporary, to: target) {
                try files.synchronize(directory: parent)
                return true
            }
        } catch {
            try? files.removeDirectory(temporary)
            throw error
        }
        // Another writer was first.
        try files.removeDirectory(temporary)
        return false
    }

    package func readPart(
        _ name: String,
        digest: String,
        of folder: String
    ) throws(ForecastingError) -> [UInt8]? {
        try read("\(folder)/\(name)")
    }

    /// Hides the folder, so that no reader meets half of it, then removes it.
    package func removeFolder(_ folder: String, _ order: FolderRemoval) throws(ForecastingError) {
        let target = path(folder)
        let name = target.split(separator: "/").last.map(String.init) ?? ""
        let hidden = "\(Self.parent(of: target))/\(Self.removedPrefix)\(name)"
        try files.removeDirectory(hidden)
        guard try files.rename(target, to: hidden) else { return }
        try files.removeDirectory(hidden)
    }

    package func removeLeftovers(
        in folder: String,
        sealedBy seal: String?,
        before: Int64
    ) throws(ForecastingError) -> [String] {
        var removed: [String] = []
        for name in try files.list(path(folder)) where name.hasPrefix(Self.temporaryPrefix) {
            let leftover = "\(folder)/\(name)"
            if !name.hasPrefix(Self.removedPrefix) {
                guard let changed = try files.modificationTime(path(leftover)), changed < before else { continue }
            }
            try files.removeDirectory(path(leftover))
            removed.append(leftover)
        }
        return removed
    }

    private func visible(in folder: String) throws(ForecastingError) -> [String] {
        try files.list(path(folder)).filter { !$0.hasPrefix(".") }
    }

    private static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
