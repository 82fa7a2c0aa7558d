// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Scheduling

@Suite("Widely used cron libraries agree")
struct ReferenceTests {
    private struct Reference: Decodable {
        var calendar: [Case]
        var zones: [Case]
    }

    private struct Case: Decodable {
        var cron: String
        var zone: String?
        /// Seconds since 1970, as are the instants.
        var after: Int
        var instants: [Int]
    }

    private static func reference() throws -> Reference {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appendingPathComponent("Reference/reference.json"))
        return try JSONDecoder().decode(Reference.self, from: data)
    }

    private static func check(_ each: Case) throws {
        let schedule = try Schedule(crons: [each.cron], timeZone: each.zone ?? "UTC")
        var date = Schedule.date(each.after)
        let found = each.instants.compactMap { _ in
            date = schedule.next(after: date) ?? .distantFuture
            return date == .distantFuture ? nil : Schedule.seconds(date)
        }
        #expect(found == each.instants, "\(schedule.text) after \(each.after)")
        let count = schedule.count(after: Schedule.date(each.after), through: date)
        #expect(count == each.instants.count, "\(schedule.text) after \(each.after)")
    }

    @Test("on what the fields mean: croniter, and cronsim where it has the same star rule")
    func calendar() throws {
        let cases = try Self.reference().calendar
        #expect(cases.count >= 200)
        for each in cases { try Self.check(each) }
    }

    @Test("on jumps of the clock: cronsim, which follows Debian's cron")
    func zones() throws {
        let cases = try Self.reference().zones
        #expect(cases.count >= 200)
        for each in cases { try Self.check(each) }
    }
}
