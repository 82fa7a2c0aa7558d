// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// What is known of rows to come goes through the steps that the same columns of a history go through.
extension Preprocessor {
    /// The calendar's channels of a history, where the model sees them there.
    func calendarChannels(_ rows: RawRows) throws(ForecastingError) -> [[Double]] {
        guard let future, future.isInWindow, let calendar = future.calendar else { return [] }
        let times = (min(warmUp, rows.count)..<rows.count).compactMap { rows.instant($0) }
        guard times.count == max(0, rows.count - warmUp) else {
            throw .invalidHistory(reason: "the times of its rows cannot be told; give end")
        }
        return calendar.values(times)
    }

    /// By channel, what a model is told of rows in training: of all rows but the first `warmUp`.
    ///
    /// - Parameters:
    ///   - channels: What it sees of the same rows.
    ///   - times: Their times.
    func futureChannels(of channels: [[Double]], times: [Int64]) -> [[Double]] {
        guard let future else { return [] }
        let known = channels.dropLast(future.addedToWindow).suffix(future.columns)
        return known + (future.calendar?.values(times) ?? [])
    }

    /// By channel, what a model is told of rows to come.
    ///
    /// - Parameters:
    ///   - ahead: By column that is known ahead, its values in these rows.
    ///   - times: The times of these rows; empty without a calendar.
    func futureChannels(ahead: [[Double]], times: [Int64]) -> [[Double]] {
        guard let future else { return [] }
        let firstChannel = scaler.centers.count - ahead.count
        let known = ahead.enumerated().map { index, values in
            let within = clip.map { $0.clipped(values, column: $0.lower.count - ahead.count + index) } ?? values
            return scaler.scaled(within[...], column: firstChannel + index)
        }
        return known + (future.calendar?.values(times) ?? [])
    }

    /// Fills gaps of rows to come from the history before them and from what is known behind the gap.
    /// - Throws: `ForecastingError.invalidHistory` where a gap cannot be filled.
    func filled(ahead: [[Double]], behind history: RawRows) throws(ForecastingError) -> [[Double]] {
        let hasGaps = ahead.contains { $0.contains(where: \.isNaN) }
        guard hasGaps, let rows = ahead.first?.count else { return ahead }
        let first = history.columns.count - ahead.count
        let unknown = [Double](repeating: .nan, count: rows)
        let extended = RawRows(
            names: history.names,
            columns: history.columns.enumerated().map { $1 + ($0 < first ? unknown : ahead[$0 - first]) },
            targets: history.targets,
            frequency: history.frequency,
            end: history.end.flatMap { history.frequency.instant(rows, after: $0) }
        )
        return try filled(extended).suffix(ahead.count).map { Array($0.suffix(rows)) }
    }
}
