// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Finds the files that a path means, as a bucket's objects are found by their keys.
///
/// Every call may block.
enum FileListing {
    /// How deep folders may lie in each other.
    private static let deepest = 32

    /// The files that are meant, in the order of their paths by bytes.
    ///
    /// Links to files count as files; folders are not entered by links, which could lead in a circle.
    ///
    /// Throws `ConnectorError.badSpecification` for a star before the last slash, `sourceNotFound` where there is no such
    /// folder or nothing in it that is meant,
    /// and for a folder without a slash at its end. A path of one file is returned whether or not the file is there.
    static func files(_ path: String) throws(ConnectorError) -> [String] {
        guard let pattern = PathPattern(path) else {
            throw .badSpecification(field: "location", problem: "'\(path.prefix(200))' holds '*' before its last '/'")
        }
        guard pattern.isPattern else {
            guard kind(path, followsLinks: true) != S_IFDIR else {
                let hint = "it is a directory; with '/' at its end the path stands for all files below it"
                throw .sourceNotFound(location: path, reason: hint)
            }
            return [path]
        }
        var found: [String] = []
        try add(pattern.folder, of: pattern, depth: 0, to: &found)
        guard !found.isEmpty else { throw .sourceNotFound(location: path, reason: "no file matches it") }
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// - Parameter folder: With a slash at its end, or empty for the working folder.
    private static func add(
        _ folder: String,
        of pattern: PathPattern,
        depth: Int,
        to found: inout [String]
    ) throws(ConnectorError) {
        guard depth <= deepest else {
            throw .sourceNotFound(location: pattern.text, reason: "folders lie deeper than \(deepest) in each other")
        }
        for name in try names(in: folder) {
            let path = folder + name
            if pattern.matches(path), kind(path, followsLinks: true) == S_IFREG { found.append(path) }
            if pattern.isFolder, !PathPattern.isHidden(name), kind(path, followsLinks: false) == S_IFDIR {
                try add(path + "/", of: pattern, depth: depth + 1, to: &found)
            }
        }
    }

    private static func names(in folder: String) throws(ConnectorError) -> [String] {
        guard let stream = opendir(folder.isEmpty ? "." : folder) else {
            throw .sourceNotFound(location: folder, reason: String(cString: strerror(errno)))
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            // The name goes on beyond the one byte of a pointer to its type, so its place is counted from the entry.
            guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { break }
            names.append(
                String(cString: UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self))
            )
            errno = 0
        }
        guard errno == 0 else { throw .sourceUnreachable(url: folder, reason: String(cString: strerror(errno))) }
        return names.filter { $0 != "." && $0 != ".." }
    }

    /// `S_IFREG`, `S_IFDIR` …; nil for what is gone by now.
    private static func kind(_ path: String, followsLinks: Bool) -> mode_t? {
        var status = stat()
        guard fstatat(AT_FDCWD, path, &status, followsLinks ? 0 : AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return status.st_mode & S_IFMT
    }
}
