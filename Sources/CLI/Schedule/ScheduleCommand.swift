// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import KubeCore
import Scheduling
import TimeZones

/// `almanac schedule`
struct ScheduleCommand: ParsableCommand {
    private static let zones = ZoneDatabase(environment: ProcessInfo.processInfo.environment)

    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Prints the next instants of cron expressions, as the operator would run them.",
        discussion: """
            Several expressions are one schedule; an instant that they share is printed once. The last column names \
            instants that were moved or that come twice because the clock is put forward or back. Time zones are those \
            of \(zones.folder) (\(zones.version ?? "of unknown version")); the variable TZDIR names another folder.
            """
    )

    @Argument(help: ArgumentHelp("Cron expressions of five fields, each in quotation marks.", valueName: "cron"))
    var crons: [String]

    @Option(help: ArgumentHelp("An IANA name, such as Europe/Amsterdam.", valueName: "name"))
    var timeZone = "UTC"

    @Option(help: ArgumentHelp("Print instants after this time, in RFC 3339. Default: now.", valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("How many instants, 1 to 10000.", valueName: "number"))
    var count = 10

    @Option(help: ArgumentHelp("A time that the clock jumps over: RunAfter or Skip.", valueName: "rule"))
    var skippedHour = SkippedHour.runAfter

    @Option(help: ArgumentHelp("A time that the clock shows twice: First or Both.", valueName: "rule"))
    var repeatedHour = RepeatedHour.first

    func validate() throws {
        guard (1...10_000).contains(count) else { throw ValidationError("--count is \(count); allowed are 1 to 10000") }
        _ = try start(otherwise: .distantPast)
        _ = try schedule()
    }

    func run() throws {
        let table = ScheduleTable(schedule: try schedule(), start: try start(otherwise: Date()), count: count)
        let console = Console.standard()
        console.write(table.text)
        if let note = table.note { console.writeError(note + "\n") }
    }

    private func start(otherwise now: Date) throws -> Date {
        guard let from else { return now }
        guard let date = KubeTime.parse(from) else {
            throw ValidationError("--from is \"\(from)\"; write a time such as 2026-03-27T00:00:00Z")
        }
        return date
    }

    private func schedule() throws -> Schedule {
        do {
            return try Schedule(
                crons: crons,
                zone: try Self.zones.zone(timeZone),
                skippedHour: skippedHour,
                repeatedHour: repeatedHour
            )
        } catch {
            throw ValidationError("\(error)")
        }
    }
}

extension SkippedHour: ExpressibleByArgument {}
extension RepeatedHour: ExpressibleByArgument {}
