// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore
import Scheduling
import TimeZones

/// The next instants of a schedule as a table of aligned columns.
struct ScheduleTable {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    let occurrences: [Occurrence]
    /// Said beside the table where there are fewer instants than were asked for.
    let note: String?

    /// The first `count` instants after `start`.
    init(schedule: Schedule, start: Date, count: Int) {
        var found: [Occurrence] = []
        while found.count < count, let next = schedule.nextOccurrence(after: found.last?.time ?? start) {
            found.append(next)
        }
        occurrences = found
        note = found.count < count ? "There are no more instants." : nil
    }

    /// With a header, columns parted by three spaces and no space at the end of a line.
    var text: String {
        let rows = [["UTC", "LOCAL", "OFFSET", "DAY", "NOTE"]] + occurrences.map(Self.row)
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            let cells = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
            let line = cells.joined(separator: "   ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func row(_ occurrence: Occurrence) -> [String] {
        [
            KubeTime.format(occurrence.time), occurrence.local.description, offset(occurrence.offset),
            weekdays[occurrence.local.weekday], occurrence.jump.map { note($0, occurrence.local) } ?? "",
        ]
    }

    /// As in `+01:00`, with seconds where a zone of long ago had some.
    private static func offset(_ seconds: Int) -> String {
        let size = abs(seconds)
        let parts = [size / 3_600, size / 60 % 60] + (size % 60 == 0 ? [] : [size % 60])
        let digits = parts.map { ($0 < 10 ? "0" : "") + String($0) }
        return (seconds < 0 ? "-" : "+") + digits.joined(separator: ":")
    }

    private static func note(_ jump: Occurrence.Jump, _ local: LocalTime) -> String {
        switch jump {
        case .moved(let from):
            let isSameDay = (from.year, from.month, from.day) == (local.year, local.month, local.day)
            return "moved: the clock jumps over \(isSameDay ? from.time : from.description)"
        case .firstOfTwo: return "first of two: the clock shows \(local.time) again"
        case .secondOfTwo: return "second of two: the clock was put back"
        }
    }
}
