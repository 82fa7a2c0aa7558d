// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The time zones of a machine: a folder of TZif files (RFC 9636), one a zone, as Debian's package tzdata installs it.
///
/// Names are those of the IANA database, spelt exactly, old ones such as `US/Pacific` and `EST` among them.
/// Abbreviations that several places share (`PST`, `IST`) and offsets (`GMT+5`, `CET+1`) are no names. `UTC` is there
/// without any file. A file is read once; a process has to be started anew to see another one.
package final class ZoneDatabase: Sendable, Equatable {
    /// Where Linux distributions keep it.
    package static let systemFolder = "/usr/share/zoneinfo"

    /// The folder that is read.
    package let folder: String
    private let found = Mutex<[String: Zone]>([:])

    /// The zones of a folder, which is looked at when the first is asked for.
    package init(folder: String = systemFolder) {
        self.folder = folder
    }

    /// The zones of the folder that the variable `TZDIR` names, as for the C library, or of `systemFolder`.
    package convenience init(environment: [String: String]) {
        let named = environment["TZDIR"] ?? ""
        self.init(folder: named.isEmpty ? Self.systemFolder : named)
    }

    /// Finds a zone.
    ///
    /// - Throws: `TimeZoneError.unknownTimeZone` with the nearest names or another way out; `timeZonesMissing` where
    ///   the folder holds no zones at all; `badZoneFile` where the zone's file cannot be used.
    package func zone(_ name: String) throws(TimeZoneError) -> Zone {
        if name == Zone.utc.name { return .utc }
        if let known = found.withLock({ $0[name] }) { return known }
        guard ZoneName.isValid(name), let bytes = ZoneFolder(path: folder).file(name, limit: ZoneFile.sizeLimit) else {
            let names = names
            guard !names.isEmpty else { throw .timeZonesMissing(name: name, folder: folder) }
            throw .unknownTimeZone(name: name, hint: ZoneName.hint(for: name, among: names))
        }
        let zone = Zone(name: name, rules: try ZoneFile.rules(in: bytes, path: "\(folder)/\(name)"))
        // As many as there are files, whatever is asked for.
        found.withLock { $0[name] = zone }
        return zone
    }

    /// Two of one folder have the same zones.
    package static func == (left: ZoneDatabase, right: ZoneDatabase) -> Bool { left.folder == right.folder }

    /// The release of the IANA database, for instance `2026f`; nil where the folder does not tell.
    package var version: String? {
        guard let bytes = ZoneFolder(path: folder).file("tzdata.zi", limit: ZoneFile.sizeLimit) else { return nil }
        let words = bytes.prefix { $0 != 0x0A }.split(separator: UInt8(ascii: " "))
        guard words.count == 3, words[1].elementsEqual("version".utf8) else { return nil }
        return String(decoding: words[2].prefix(16), as: UTF8.self)
    }

    /// All names, in order.
    package var names: [String] { ZoneFolder(path: folder).names(where: ZoneName.isValid) }
}
