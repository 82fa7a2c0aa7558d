// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import KubeCore
import Scheduling
import Testing
import TimeZones

@testable import CLI

@Suite("almanac schedule")
struct ScheduleCommandTests {
    private static func table(_ crons: [String], _ zone: String, from: String, count: Int) throws -> ScheduleTable {
        let schedule = try Schedule(crons: crons, zone: ZoneDatabase().zone(zone), repeatedHour: .both)
        return ScheduleTable(schedule: schedule, start: try #require(KubeTime.parse(from)), count: count)
    }

    @Test("prints aligned columns and marks what was moved")
    func moved() throws {
        let table = try Self.table(
            ["30 2 * * *", "0 12 28 * *"],
            "Europe/Amsterdam",
            from: "2026-03-28T00:00:00Z",
            count: 4
        )
        let expected = """
            UTC                    LOCAL              OFFSET   DAY   NOTE
            2026-03-28T01:30:00Z   2026-03-28 02:30   +01:00   Sat
            2026-03-28T11:00:00Z   2026-03-28 12:00   +01:00   Sat
            2026-03-29T01:00:00Z   2026-03-29 03:00   +02:00   Sun   moved: the clock jumps over 02:30
            2026-03-30T00:30:00Z   2026-03-30 02:30   +02:00   Mon

            """
        #expect(table.text == expected)
        #expect(table.note == nil)
    }

    @Test("marks both of two instants with the same local time")
    func doubled() throws {
        let table = try Self.table(["30 1 * * *"], "America/New_York", from: "2026-10-31T12:00:00Z", count: 2)
        let expected = """
            UTC                    LOCAL              OFFSET   DAY   NOTE
            2026-11-01T05:30:00Z   2026-11-01 01:30   -04:00   Sun   first of two: the clock shows 01:30 again
            2026-11-01T06:30:00Z   2026-11-01 01:30   -05:00   Sun   second of two: the clock was put back

            """
        #expect(table.text == expected)
    }

    @Test("takes the rules and several expressions from the command line")
    func arguments() throws {
        let arguments = [
            "0 3 * * 1-5", "@hourly", "--time-zone", "Europe/Amsterdam", "--from", "2026-03-27T00:00:00Z", "--count",
            "3", "--skipped-hour", "Skip", "--repeated-hour", "Both",
        ]
        let command = try ScheduleCommand.parse(arguments)
        #expect(command.crons == ["0 3 * * 1-5", "@hourly"])
        #expect(command.skippedHour == .skip)
        #expect(command.repeatedHour == .both)
    }

    @Test(
        "refuses what is wrong with exit status 64 and a message that says what is allowed",
        arguments: [
            (["61 * * * *"], "cron field minute: \"61\" is out of range; allowed are 0-59"),
            (["* * * * * *"], "has 6 fields; it must have 5"),
            (["0 0 30 2 *"], "never comes"),
            (["@daily", "--time-zone", "Europe/Amsterdm"], "did you mean Europe/Amsterdam?"),
            (["@daily", "--from", "tomorrow"], "write a time such as 2026-03-27T00:00:00Z"),
            (["@daily", "--count", "0"], "allowed are 1 to 10000"),
            (["@daily", "--skipped-hour", "Never"], "Skip"),
            ([], "cron"),
        ]
    )
    func refusals(arguments: [String], part: String) throws {
        let error = #expect(throws: (any Error).self) { try ScheduleCommand.parse(arguments) }
        let refusal = try #require(error)
        #expect(ScheduleCommand.exitCode(for: refusal).rawValue == 64)
        #expect(ScheduleCommand.message(for: refusal).contains(part))
    }

    @Test("says so where no further instant comes")
    func end() throws {
        let table = try Self.table(["0 0 * * *"], "UTC", from: "9999-12-30T00:00:00Z", count: 5)
        #expect(table.occurrences.count == 1)
        #expect(table.note == "There are no more instants.")
    }
}
