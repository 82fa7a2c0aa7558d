// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// One thing that a worker says while it works: a line of JSON in its log.
package struct StepProgress: Codable, Sendable, Equatable {
    /// The task, as in the request.
    package var task: String
    /// What it does now, in a few words.
    package var message: String
    /// How much of the step is done, 0 to 1.
    package var fraction: Double
    /// Rows at hand, where they are counted.
    package var rows: Int?
    /// The epoch that a training is at, from 1.
    package var epoch: Int?
    /// The most epochs that it runs.
    package var epochs: Int?
    /// The loss in scaled units: over the validation windows at the end of an epoch, over its steps so far within one.
    package var loss: Double?
    /// When it was first seen; a worker does not say.
    package var time: Date?

    /// Bytes at the end of a log that are looked at.
    package static let mostBytes = 16_384
    /// Unicode scalars of a message that are kept.
    package static let longestMessage = 200

    /// Makes an event.
    package init(task: String, message: String, fraction: Double, rows: Int? = nil) {
        self.task = task
        self.message = message
        self.fraction = fraction
        self.rows = rows
    }

    /// The last event in the end of a log; nil where there is none. Any bytes may be in a log, so what is not an event
    /// is passed over, and what is one is brought within bounds.
    package static func last(in log: Data) -> StepProgress? {
        let lines = log.suffix(mostBytes).split(separator: UInt8(ascii: "\n"))
        for line in lines.reversed() where line.first == UInt8(ascii: "{") {
            guard var event = try? JSONDecoder().decode(StepProgress.self, from: Data(line)),
                StepTask(rawValue: event.task) != nil, event.fraction.isFinite
            else { continue }
            event.message = String(event.message.unicodeScalars.prefix(longestMessage))
            event.fraction = (min(1, max(0, event.fraction)) * 100).rounded() / 100
            event.rows = event.rows.flatMap { $0 < 0 ? nil : $0 }
            let counts = 1...Int(Int32.max)
            event.epoch = event.epoch.flatMap { counts.contains($0) ? $0 : nil }
            event.epochs = event.epochs.flatMap { counts.contains($0) ? $0 : nil }
            event.loss = event.loss.flatMap { $0.isFinite ? Significant.round($0) : nil }
            event.time = nil
            return event
        }
        return nil
    }
}
