// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What is known of rows to come: columns of the data, and what follows from the time.
package struct FutureChannels: Hashable, Codable, Sendable {
    /// How many columns are known for rows to come: the last ones of a history.
    package let columns: Int
    /// What follows from the time; nil for nothing.
    package let calendar: CalendarChannels?
    /// Whether the model sees the calendar's channels in its window too, behind all others.
    let isInWindow: Bool

    /// Channels; nil where there are none.
    package init?(columns: Int, calendar: CalendarChannels?, isInWindow: Bool) {
        guard columns > 0 || calendar != nil else { return nil }
        self.columns = columns
        self.calendar = calendar
        self.isInWindow = isInWindow
    }

    /// The number of channels.
    package var count: Int { columns + (calendar?.count ?? 0) }

    /// How many of them are added to a window.
    var addedToWindow: Int { isInWindow ? calendar?.count ?? 0 : 0 }

    /// Throws unless the state, which comes from a file, fits the columns.
    func validate(columns all: Int, targets: Int) throws(ForecastingError) {
        guard columns >= 0, columns <= all - targets, count > 0 else {
            throw .invalidModel(reason: "\(columns) of \(all) columns known ahead, of which \(targets) are forecast")
        }
        try calendar?.validate()
    }
}
