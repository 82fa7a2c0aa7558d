// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// Gathers forecasts into segments of bounded size and age, each forecast once.
struct SegmentBuilder: Sendable {
    /// A segment is closed when it is so old, in milliseconds, ...
    static let longestSpan: Int64 = 60_000
    /// ... or holds so many forecasts, ...
    static let mostForecasts = 1_000
    /// ... or so many bytes. A forecast that is larger has a segment of its own.
    static let mostBytes = 4 << 20

    private var forecasts: [RememberedForecast] = []
    private var seen: Set<RememberedForecast.Key> = []
    private var bytes = 0
    private var number = 0

    /// Adds a forecast; false where the segment has it already.
    mutating func add(_ forecast: RememberedForecast) -> Bool {
        guard seen.insert(forecast.key).inserted else { return false }
        forecasts.append(forecast)
        bytes += forecast.size
        return true
    }

    /// Whether the segment is to be closed before this forecast is added to it.
    func isFull(for forecast: RememberedForecast) -> Bool {
        guard !forecasts.isEmpty else { return false }
        return forecasts.count >= Self.mostForecasts || bytes + forecast.size > Self.mostBytes
            || isOld(at: forecast.issued)
    }

    /// Whether the segment is to be closed at a time in milliseconds since 1970. A clock that was set back closes it too.
    func isOld(at now: Int64) -> Bool {
        guard let first = forecasts.first?.issued else { return false }
        return now < first || now - first >= Self.longestSpan
    }

    /// Closes the segment and begins the next; nil where it is empty.
    mutating func close() -> (name: SegmentName, segment: ForecastSegment)? {
        guard let first = forecasts.first else { return nil }
        let closed = (SegmentName(issued: first.issued, number: number), ForecastSegment(forecasts))
        (forecasts, seen, bytes) = ([], [], 0)
        number += 1
        return closed
    }
}
