// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Files or objects by one text: a name; a folder with a `/` at its end, which stands for all below it; or a `*` in the last
/// part, which stands for any text but `/`.
///
/// Of a whole folder, names that begin with `_` or `.` are what programs keep for themselves beside the data, such as
/// `_SUCCESS`. A star does not stand for the `.` at a name's beginning, as in a shell.
struct PathPattern: Sendable, Equatable {
    /// What was written.
    let text: String
    /// Up to the last slash, with it.
    let folder: String
    private let name: String

    /// nil for a star before the last slash, and for no text at all.
    init?(_ text: String) {
        self.text = text
        folder = text.lastIndex(of: "/").map { String(text[...$0]) } ?? ""
        name = String(text.dropFirst(folder.count))
        if text.isEmpty || folder.contains("*") { return nil }
    }

    /// Whether all below the folder is meant.
    var isFolder: Bool { name.isEmpty }

    /// Whether several files may be meant.
    var isPattern: Bool { isFolder || name.contains("*") }

    /// What all that is meant begins with.
    var prefix: String { folder + name.prefix { $0 != "*" } }

    /// Whether something is meant. What ends with `/` is a folder's marker and holds nothing.
    func matches(_ other: String) -> Bool {
        guard other.hasPrefix(folder), !other.hasSuffix("/") else { return false }
        let rest = other.dropFirst(folder.count)
        if isFolder { return !rest.split(separator: "/").contains(where: Self.isHidden) }
        if rest.hasPrefix("."), !name.hasPrefix(".") { return false }
        return Self.matches(Array(rest.utf8), Array(name.utf8))
    }

    /// Whether a file or folder is left out where a whole folder is meant.
    static func isHidden(_ name: some StringProtocol) -> Bool { name.hasPrefix("_") || name.hasPrefix(".") }

    /// Whether a name matches a pattern of literal text and stars, in the time of their product at most.
    private static func matches(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
        var (at, wanted) = (0, 0)
        // Where the last star stands, and where the name goes on if it takes one byte more.
        var resume: (at: Int, wanted: Int)?
        while at < name.count {
            if wanted < pattern.count, pattern[wanted] == UInt8(ascii: "*") {
                resume = (at, wanted + 1)
                wanted += 1
            } else if wanted < pattern.count, pattern[wanted] == name[at] {
                at += 1
                wanted += 1
            } else if let last = resume, name[last.at] != UInt8(ascii: "/") {
                resume = (last.at + 1, last.wanted)
                (at, wanted) = (last.at + 1, last.wanted)
            } else {
                return false
            }
        }
        return pattern[wanted...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
