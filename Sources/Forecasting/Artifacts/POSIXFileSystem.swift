// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file system of this machine, with blocking calls: keep them off the cooperative pool.
package struct POSIXFileSystem: ArtifactFileSystem {
    /// The local file system.
    package init() {}

    package func read(_ path: String) throws(ForecastingError) -> [UInt8]? {
        guard let file = try open(path) else { return nil }
        return try file.bytes(file.size)
    }

    package func open(_ path: String) throws(ForecastingError) -> (any ArtifactReader)? {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Self.failure("open", path)
        }
        return try POSIXFileReader(file, path)
    }

    package func list(_ directory: String) throws(ForecastingError) -> [String] {
        guard let stream = opendir(directory) else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw Self.failure("list", directory)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func makeDirectory(_ path: String) throws(ForecastingError) {
        var directory = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            let parent = directory.isEmpty ? "." : directory
            directory += (directory.isEmpty || directory.hasSuffix("/") ? "" : "/") + component
            if mkdir(directory, 0o777) == 0 {
                try synchronize(directory: parent)
            } else if errno != EEXIST {
                throw Self.failure("make directory", directory)
            }
        }
    }

    package func makeTemporaryDirectory(in directory: String, prefix: String) throws(ForecastingError) -> String {
        var template = Array((directory + "/" + prefix + "XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil, chmod(template, 0o755) == 0 else {
            throw Self.failure("make directory in", directory)
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package func write(_ bytes: SegmentedBytes, to path: String) throws(ForecastingError) {
        let file = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Self.failure("create", path) }
        var isOpen = true
        defer { if isOpen { close(file) } }
        try bytes.forEach { (piece) throws(ForecastingError) in
            try piece.withUnsafeBytes { (bytes) throws(ForecastingError) in try Self.write(bytes, to: file, path) }
        }
        guard fsync(file) == 0 else { throw Self.failure("write", path) }
        isOpen = false
        guard close(file) == 0 else { throw Self.failure("write", path) }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer,
        to file: Int32,
        _ path: String
    ) throws(ForecastingError) {
        var rest = bytes
        while !rest.isEmpty {
            let sent = Glibc.write(file, rest.baseAddress, rest.count)
            if sent < 0, errno == EINTR { continue }
            guard sent > 0 else { throw failure("write", path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[sent...])
        }
    }

    package func synchronize(directory: String) throws(ForecastingError) {
        let file = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw Self.failure("open", directory) }
        defer { close(file) }
        // Some network file systems cannot synchronise directories and say so with EINVAL.
        guard fsync(file) == 0 || errno == EINVAL else { throw Self.failure("synchronise", directory) }
    }

    package func rename(_ source: String, to target: String) throws(ForecastingError) -> Bool {
        if Glibc.rename(source, target) == 0 { return true }
        guard errno == ENOTEMPTY || errno == EEXIST else { throw Self.failure("rename to", target) }
        return false
    }

    package func removeDirectory(_ path: String) throws(ForecastingError) {
        for name in try list(path) where unlink(path + "/" + name) != 0 && errno != ENOENT {
            throw Self.failure("remove", path + "/" + name)
        }
        guard rmdir(path) == 0 || errno == ENOENT else { throw Self.failure("remove", path) }
    }

    package func removeFile(_ path: String) throws(ForecastingError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw Self.failure("remove", path) }
    }

    package func modificationTime(_ path: String) throws(ForecastingError) -> Int64? {
        var status = stat()
        if stat(path, &status) == 0 { return Int64(status.st_mtim.tv_sec) }
        guard errno == ENOENT || errno == ENOTDIR else { throw Self.failure("look at", path) }
        return nil
    }

    fileprivate static func failure(_ operation: String, _ path: String) -> ForecastingError {
        .fileSystem(operation: operation, path: path, reason: String(cString: strerror(errno)))
    }
}

/// An open file.
private final class POSIXFileReader: ArtifactReader {
    let size: Int
    private let file: Int32
    private let path: String

    /// Takes a descriptor, and closes it in the end.
    init(_ file: Int32, _ path: String) throws(ForecastingError) {
        self.file = file
        self.path = path
        var status = stat()
        guard fstat(file, &status) == 0 else {
            let failure = POSIXFileSystem.failure("read", path)
            close(file)
            throw failure
        }
        size = max(0, Int(status.st_size))
    }

    deinit { close(file) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ForecastingError) {
        var rest = buffer
        while !rest.isEmpty {
            let received = Glibc.read(file, rest.baseAddress, rest.count)
            if received < 0, errno == EINTR { continue }
            guard received >= 0 else { throw POSIXFileSystem.failure("read", path) }
            guard received > 0 else {
                throw .fileSystem(operation: "read", path: path, reason: "the file became shorter meanwhile")
            }
            rest = UnsafeMutableRawBufferPointer(rebasing: rest[received...])
        }
    }
}
