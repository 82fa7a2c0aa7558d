// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads the folder of a zone database. Links are followed: the database has many.
struct ZoneFolder {
    /// As deep as names go: `America/Argentina/Ushuaia`.
    private static let depth = 3

    let path: String

    /// The bytes of a regular file that is no larger than the limit; nil where there is none.
    func file(_ name: String, limit: Int) -> [UInt8]? {
        let descriptor = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_size <= limit else {
            return nil
        }
        let size = Int(facts.st_size)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let read = pread(descriptor, buffer.baseAddress?.advanced(by: count), size - count, count)
                guard read > 0 else { break }
                count += read
            }
        }
    }

    /// The files below that have such names, in order.
    func names(where isName: (String) -> Bool) -> [String] {
        var names: [String] = []
        collect(below: "", depth: Self.depth, isName, into: &names)
        return names.sorted()
    }

    private func collect(below parent: String, depth: Int, _ isName: (String) -> Bool, into names: inout [String]) {
        guard depth > 0, let folder = opendir("\(path)/\(parent)") else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name =
                parent
                + withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
            var facts = stat()
            guard isName(name), stat("\(path)/\(name)", &facts) == 0 else { continue }
            switch facts.st_mode & S_IFMT {
            case S_IFDIR: collect(below: name + "/", depth: depth - 1, isName, into: &names)
            case S_IFREG: names.append(name)
            default: break
            }
        }
    }
}
