// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file system of this machine, with blocking calls: keep them off the cooperative pool.
package struct POSIXFileSystem: ArtifactFileSystem {
    /// The local file system.
    package init() {}

    package func read(_ path: String) throws(ForecastingError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Self.failure("open", path)
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw Self.failure("read", path) }
        var bytes = [UInt8](repeating: 0, count: max(0, Int(status.st_size)))
        var count = 0
        while count < bytes.count {
            let received = bytes.withUnsafeMutableBytes {
                Glibc.read(file, $0.baseAddress.map { $0 + count }, $0.count - count)
            }
            if received < 0, errno == EINTR { continue }
            guard received >= 0 else { throw Self.failure("read", path) }
            if received == 0 { break }
            count += received
        }
        return count == bytes.count ? bytes : Array(bytes[..<count])
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

    package func write(_ bytes: [UInt8], to path: String) throws(ForecastingError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Self.failure("create", path) }
        var isOpen = true
        defer { if isOpen { close(file) } }
        var count = 0
        while count < bytes.count {
            let sent = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress.map { $0 + count }, $0.count - count) }
            if sent < 0, errno == EINTR { continue }
            guard sent > 0 else { throw Self.failure("write", path) }
            count += sent
        }
        guard fsync(file) == 0 else { throw Self.failure("write", path) }
        isOpen = false
        guard close(file) == 0 else { throw Self.failure("write", path) }
    }

    package func synchronize(directory: String) throws(ForecastingError) {
        let file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
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

    private static func failure(_ operation: String, _ path: String) -> ForecastingError {
        .fileSystem(operation: operation, path: path, reason: String(cString: strerror(errno)))
    }
}
