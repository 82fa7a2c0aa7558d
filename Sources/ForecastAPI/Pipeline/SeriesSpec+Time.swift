// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import TimeZones

extension SeriesSpec {
    /// What becomes of local times that a clock shows twice, because it was put back.
    package enum RepeatedHour: String, Codable, Sendable, CaseIterable {
        /// The order of the rows tells which of the two is meant, or the run fails.
        case infer = "Infer"
        /// As `infer`, and where the order does not tell it is the first one.
        case first = "First"
    }

    /// What is wrong with how local times are read.
    func checkTimeZone(_ check: inout SpecCheck, source: SourceSpec) {
        let field = "spec.series.timeZone"
        guard timeZone != nil else {
            if repeatedHour == .first {
                check.add("spec.series.repeatedHour", "goes with timeZone: times of UTC are never repeated")
            }
            return
        }
        if let database = source.chosenKinds.first(where: { $0 != "csv" && $0 != "parquet" }) {
            let message = "is for timestamps in files; \(database) gives times in UTC, so leave it out"
            check.add(field, "\(message); preprocess.timeZone is for the calendar")
        }
        if timestampFormat == "UnixSeconds" || timestampFormat == "UnixMilliseconds" {
            check.add(field, "is for local times; \(timestampFormat ?? "") counts from 1970 in UTC, so leave it out")
        }
        if let step = leastStep, step >= 86_400 {
            let message = "goes with a frequency of less than a day: longer rows are named by dates, which need no zone"
            check.add(field, message)
        }
    }
}

extension PreprocessSpec {
    /// What is wrong with the zone that the calendar counts in.
    func checkTimeZone(_ check: inout SpecCheck, step: Int?) {
        guard timeZone != nil else { return }
        let field = "spec.preprocess.timeZone"
        if calendar?.isEmpty ?? true, holidays == nil { check.add(field, "goes with calendar or holidays") }
        if let step, step >= 86_400 {
            check.add(field, "goes with a series.frequency of less than a day: longer rows are days of UTC")
        }
    }
}

extension ForecastPipelineSpec {
    /// The name of the zone that the calendar counts in: its own, else that of the timestamps; nil for UTC.
    package var calendarTimeZone: String? { preprocess?.timeZone ?? series.timeZone }

    /// The time zones of the data that cannot be found.
    package func zoneProblems(zones: ZoneDatabase) -> [SpecProblem] {
        let named = [("spec.series.timeZone", series.timeZone), ("spec.preprocess.timeZone", preprocess?.timeZone)]
        return named.compactMap { field, name in
            guard let name else { return nil }
            do throws(TimeZoneError) {
                _ = try zones.zone(name)
                return nil
            } catch {
                return SpecProblem(field: field, message: error.description)
            }
        }
    }
}
