// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

extension Forecaster {
    /// The name of a channel's column. Those that are known ahead come behind what is made of the targets' past.
    func column(of channel: Int) -> String {
        let known = historyShape.future
        let (own, firstKnown) = (columns.count - known, preprocessor.scaler.centers.count - known)
        let column = channel < firstKnown ? min(channel, own - 1) : own + channel - firstKnown
        return columns[min(column, columns.count - 1)]
    }

    /// What the model is told of the rows to forecast, in its own units: [batch x horizon x future] of `shape`.
    ///
    /// The times must have been checked.
    /// - Throws: `ForecastingError.invalidHistory` when sizes do not fit, or a value cannot be used.
    func futureChannels(
        _ history: Span<Double>,
        _ future: Span<Double>,
        _ ends: Span<Int64>,
        batch: Int
    ) throws(ForecastingError) -> [Float] {
        guard future.count == batch * historyShape.futureCount else {
            throw .invalidHistory(
                reason: "\(future.count) numbers of rows to come for \(batch) window(s) of \(shape.horizon) rows and "
                    + "\(historyShape.future) column(s) that must be known"
            )
        }
        guard shape.future > 0 else { return [] }
        var told: [Float] = []
        told.reserveCapacity(batch * shape.futureCount)
        for window in 0..<batch {
            let end = ends.count == batch ? ends[window] : nil
            var ahead = try columnsAhead(future, window)
            if ahead.contains(where: { $0.contains(where: \.isNaN) }) {
                ahead = try preprocessor.filled(ahead: ahead, behind: rawRows(history, window, end: end))
            }
            let times = usesTimes ? end.map { frequency.instants(after: $0, count: shape.horizon) } : nil
            let channels = preprocessor.futureChannels(ahead: ahead, times: times ?? [])
            for row in 0..<shape.horizon {
                for (channel, values) in channels.enumerated() {
                    let value = Float(values[row])
                    guard value.isFinite else { throw unusableAhead(row, channel) }
                    told.append(value)
                }
            }
        }
        return told
    }

    /// By column that is known ahead, its values in the rows that one window forecasts.
    private func columnsAhead(_ future: Span<Double>, _ window: Int) throws(ForecastingError) -> [[Double]] {
        let width = historyShape.future
        var columns = [[Double]](repeating: [], count: width)
        for row in 0..<shape.horizon {
            for column in 0..<width {
                let value = future[(window * shape.horizon + row) * width + column]
                guard value.isFinite || (value.isNaN && fillsGaps) else { throw unusableAhead(row, column) }
                columns[column].append(value)
            }
        }
        return columns
    }

    /// What follows from the time is always finite, so it is a column that is not.
    private func unusableAhead(_ row: Int, _ column: Int) -> ForecastingError {
        let names = futureColumns
        let name = names[min(column, names.count - 1)]
        return .invalidHistory(
            reason: "row \(row + 1) of \(shape.horizon) to come, column '\(name)': not a usable number"
        )
    }
}

// MARK: Rows without gaps

extension Forecaster {
    /// What is known of the rows behind a history with its gaps filled, as the model is told it.
    ///
    /// - Parameters:
    ///   - ahead: [horizon x future] of `historyShape`, row-major.
    ///   - history: [lookback x channels] of `historyShape`, row-major.
    ///   - end: The time of its last row.
    /// - Throws: `ForecastingError.invalidHistory`.
    package func completed(ahead: [Double], history: [Double], end: Int64) throws(ForecastingError) -> [Double] {
        guard ahead.contains(where: \.isNaN) else { return ahead }
        let columns = try preprocessor.filled(
            ahead: columnsAhead(ahead.span, 0),
            behind: rawRows(history.span, 0, end: end)
        )
        return (0..<historyShape.horizon).flatMap { row in columns.map { $0[row] } }
    }

    /// Rows to come as an example of what a request holds, complete: [horizon x future] of `historyShape`, row by row.
    ///
    /// - Parameters:
    ///   - ahead: The rows behind the history, with the model's columns, where they are known.
    ///   - history: Rows of all columns, complete; where the rows ahead are not known, their columns are repeated.
    package func futureExample(_ ahead: TimeSeriesFrame?, behind history: [[Double]]) -> [[Double]] {
        let (horizon, known) = (historyShape.horizon, historyShape.future)
        guard known > 0, !history.isEmpty else { return [] }
        let columns = ahead.map { $0.columns.suffix(known) } ?? []
        let isComplete = columns.allSatisfy { $0.count >= horizon && !$0.prefix(horizon).contains(where: \.isNaN) }
        guard ahead != nil, isComplete else {
            return (0..<horizon).map { Array(history[$0 % history.count].suffix(known)) }
        }
        return (0..<horizon).map { row in columns.map { $0[row] } }
    }
}
