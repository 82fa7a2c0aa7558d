// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation
// Referenced below: a program that is linked with --static-swift-stdlib drops this module, and with it every named time
// zone, unless something needs it.
internal import FoundationInternationalization

/// A time zone of the IANA database, as Foundation carries it.
///
/// Names are those of the database, spelt exactly, old ones such as `US/Pacific` and `EST` among them. What ICU also
/// takes is refused: abbreviations that several places share (`PST`, `IST`), offsets (`GMT+5`, `CET+1`).
package struct ScheduleZone: Sendable, Hashable, CustomStringConvertible {
    /// As it was written: Foundation calls `UTC` GMT.
    package let name: String
    /// The zone's rules.
    package let timeZone: TimeZone

    /// Finds a zone.
    ///
    /// - Throws: `SchedulingError.unknownTimeZone` with the nearest names or another way out.
    package init(_ name: String) throws(SchedulingError) {
        let isDatabaseName =
            name.contains("/") ? !name.hasPrefix("SystemV/") : Self.namesWithoutPlace.contains(name)
        guard isDatabaseName, let timeZone = TimeZone(identifier: name) else {
            throw .unknownTimeZone(name: name, hint: Self.hint(for: name))
        }
        self.name = name
        self.timeZone = timeZone
    }

    package var description: String { name }

    /// The version of the time zone database that the program carries, for instance `2025b`.
    package static var databaseVersion: String { TimeZone.timeZoneDataVersion }

    /// The names of the database that have no slash, but for `Factory`, which stands for "not set".
    static let namesWithoutPlace: Set<String> = [
        "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "GB", "GB-Eire", "GMT", "GMT+0", "GMT-0",
        "GMT0", "Greenwich", "HST", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan", "Kwajalein", "Libya",
        "MET", "MST", "MST7MDT", "NZ", "NZ-CHAT", "Navajo", "PRC", "PST8PDT", "Poland", "Portugal", "ROC", "ROK",
        "Singapore", "Turkey", "UCT", "UTC", "Universal", "W-SU", "WET", "Zulu",
    ]

    /// Names to propose: those that Foundation lists, and the ones in use today for which it lists older spellings.
    static var knownNames: [String] {
        TimeZone.knownTimeZoneIdentifiers + namesWithoutPlace.sorted() + ["Asia/Kolkata", "Etc/UTC", "Etc/GMT"]
    }

    private static func hint(for name: String) -> String {
        let place = "name a place, such as Europe/Amsterdam"
        if name.isEmpty { return "\(place), or UTC" }
        let upper = name.uppercased()
        if let known = TimeZone.abbreviationDictionary[upper] {
            return "abbreviations are shared by several places; did you mean \(known)?"
        }
        if upper.contains(where: { "+-".contains($0) }), upper.contains(where: { ("0"..."9").contains($0) }) {
            return "\(place), or a fixed offset by its name Etc/GMT-2, which is two hours east of UTC"
        }
        let nearest = NearestNames.of(name, among: knownNames, count: 3)
        return nearest.isEmpty ? place : "did you mean \(nearest.joined(separator: ", "))?"
    }
}

extension ScheduleZone {
    /// The reference that keeps FoundationInternationalization linked.
    static var calendarOfDatabase: Calendar { Calendar(identifier: .gregorian) }
}
