// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials

extension ForecastRunStatus {
    /// How often a status may be written for the sake of progress alone.
    private static let pace: TimeInterval = 5

    /// How long to wait with writing this status in place of another: not at all where more than progress has changed.
    func delay(after previous: ForecastRunStatus?, now: Date) -> TimeInterval {
        guard let previous, withoutProgress == previous.withoutProgress else { return 0 }
        let written = (previous.steps ?? []).compactMap { $0.progress?.time }.max()
        return written.map { max(0, Self.pace - now.timeIntervalSince($0)) } ?? 0
    }

    private var withoutProgress: ForecastRunStatus {
        var status = self
        status.steps = steps?.map { step in
            var step = step
            step.progress = nil
            return step
        }
        return status
    }
}
