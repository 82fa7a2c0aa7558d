// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import TimeZones

@Suite("The time zones of a machine")
struct ZoneDatabaseTests {
    /// A folder with such files, gone afterwards.
    private static func withFolder<Result>(
        _ files: [String: [UInt8]],
        _ body: (ZoneDatabase, URL) throws -> Result
    ) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "zones-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, bytes) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(bytes).write(to: file)
        }
        return try body(ZoneDatabase(folder: folder.path), folder)
    }

    private static func refusal(_ name: String, _ zones: ZoneDatabase = .ofThisMachine) -> String {
        do throws(TimeZoneError) {
            return "no error, but \(try zones.zone(name))"
        } catch {
            return error.description
        }
    }

    @Test(
        "are found by any name of the IANA database, old ones too",
        arguments: [
            "Europe/Amsterdam", "Europe/Kyiv", "Europe/Kiev", "Asia/Kolkata", "Asia/Calcutta", "UTC", "Etc/GMT-14",
            "EST", "EST5EDT", "CET", "US/Pacific", "GB-Eire", "NZ-CHAT", "America/Argentina/Buenos_Aires", "Etc/UTC",
            "GMT+0",
        ]
    )
    func names(name: String) throws {
        #expect(try ZoneDatabase.ofThisMachine.zone(name).name == name)
    }

    @Test("are all listed, and each can be read")
    func list() throws {
        let names = ZoneDatabase.ofThisMachine.names
        #expect(names.count > 400 && names.contains("America/Argentina/Ushuaia") && names.contains("Zulu"))
        for name in names { #expect(try ZoneDatabase.ofThisMachine.zone(name).rules.isConsistent, "\(name)") }
    }

    @Test("have a version, where the folder tells it")
    func version() throws {
        #expect(ZoneDatabase.ofThisMachine.version?.hasPrefix("20") == true)
        try Self.withFolder(["tzdata.zi": Array("# version 2099z\nR x".utf8)]) { zones, _ in
            #expect(zones.version == "2099z")
        }
        try Self.withFolder(["tzdata.zi": Array("Z x".utf8)]) { zones, _ in #expect(zones.version == nil) }
    }

    @Test(
        "are refused with a way out",
        arguments: [
            ("europe/amsterdam", "did you mean Europe/Amsterdam?"), ("Amsterdam", "did you mean Europe/Amsterdam?"),
            ("Europe/Amsterdm", "did you mean Europe/Amsterdam?"),
            ("America/New York", "did you mean America/New_York?"),
            ("PST", "did you mean America/Los_Angeles?"), ("IST", "did you mean Asia/Kolkata?"), ("JST", "Asia/Tokyo"),
            ("CET+1", "Etc/GMT-2, which is two hours east"), ("GMT+5", "fixed offset"), ("UTC+02:00", "fixed offset"),
            ("+02:00", "fixed offset"), ("SystemV/AST4", "name a place"), ("Factory", "name a place"),
            ("Mars/Phobos", "name a place"), ("", "or UTC"), ("Local", "name a place"), ("Europe/", "name a place"),
            ("../../etc/passwd", "name a place"), ("Europe/../Europe/Amsterdam", "does not exist"),
            ("posix/Europe/Amsterdam", "does not exist"), ("right/Europe/Amsterdam", "does not exist"),
            ("Europe", "does not exist"), ("localtime", "does not exist"), ("tzdata.zi", "does not exist"),
            ("Europe/Amsterdam\0", "does not exist"), ("Europe//Amsterdam", "does not exist"),
            (String(repeating: "x/", count: 5_000), "name a place"),
        ]
    )
    func refusals(name: String, part: String) {
        let text = Self.refusal(name)
        #expect(text.contains(part) && text.contains("IANA database"), "\(text)")
    }

    @Test("are those of a folder of one's own, links followed, each file read once")
    func folder() throws {
        let tokyo = TZifBytes(offsets: [32_400], footer: "JST-9").bytes
        try Self.withFolder(["Asia/Tokyo": tokyo, "Asia/Empty": []]) { zones, folder in
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending(path: "Japan").path,
                withDestinationPath: "Asia/Tokyo"
            )
            #expect(zones.names == ["Asia/Empty", "Asia/Tokyo", "Japan"])
            let zone = try zones.zone("Japan")
            #expect(zone.name == "Japan" && zone.rules.offset(at: 0) == 32_400)
            #expect(Self.refusal("Asia/Empty", zones).hasSuffix("Asia/Empty cannot be used: it is no TZif file"))
            #expect(Self.refusal("Asia/Tokio", zones).hasSuffix("did you mean Asia/Tokyo?"))
            try FileManager.default.removeItem(at: folder.appending(path: "Asia/Tokyo"))
            #expect(try zones.zone("Japan") == zone)
        }
    }

    @Test("that are not there are an error which says what to install; UTC needs none")
    func missing() throws {
        let zones = ZoneDatabase(environment: ["TZDIR": "/nowhere"])
        #expect(try zones.zone("UTC").rules == .utc)
        let text = Self.refusal("Europe/Amsterdam", zones)
        #expect(text.contains("no time zones in /nowhere; install the package tzdata"), "\(text)")
        #expect(ZoneDatabase(environment: ["TZDIR": ""]).folder == "/usr/share/zoneinfo")
    }

    @Test("have segments that join and know what the clock has shown")
    func segments() throws {
        for name in ZoneDatabase.ofThisMachine.names {
            let zone = try ZoneDatabase.ofThisMachine.zone(name)
            let segments = ZoneSegments(of: zone, containing: 0).prefix { $0.start < 4_000_000_000 }
            #expect(segments.first.map { $0.start <= 0 && $0.end > 0 } == true)
            for (one, next) in zip(segments, segments.dropFirst()) {
                #expect(one.end == next.start && next.shown >= one.localEnd && one.offset != next.offset)
                #expect(abs(next.shown - next.localStart) <= 86_400)
            }
        }
    }
}
