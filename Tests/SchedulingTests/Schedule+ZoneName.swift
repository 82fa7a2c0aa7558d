// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

@testable import Scheduling

extension Schedule {
    /// A schedule in a zone of this machine.
    init(
        crons: [String],
        timeZone: String,
        skippedHour: SkippedHour = .runAfter,
        repeatedHour: RepeatedHour = .first
    ) throws(SchedulingError) {
        try self.init(
            crons: crons,
            zone: try ZoneDatabase.system.zone(timeZone),
            skippedHour: skippedHour,
            repeatedHour: repeatedHour
        )
    }
}

extension ZoneDatabase {
    /// What this machine has.
    static let system = ZoneDatabase()
}
