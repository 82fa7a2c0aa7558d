// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Synchronization

/// Says how far a training in epochs is: a line an epoch, and between them one every few seconds.
final class TrainingReporter: Sendable {
    /// Seconds between two lines within an epoch.
    private static let interval = Duration.seconds(5)

    private let context: StepContext
    private let now: @Sendable () -> ContinuousClock.Instant
    private let last: Mutex<ContinuousClock.Instant>

    init(_ context: StepContext, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.context = context
        self.now = now
        last = Mutex(now())
    }

    /// Reports an event where one is due.
    func callAsFunction(_ event: FitEvent) {
        switch event {
        case .resumed(let epoch, let total):
            say("going on behind epoch \(epoch) of \(total), from the checkpoint of an earlier attempt", epoch, total)
        case .checkpointDropped(let reason):
            context.report(.train, "beginning anew, since the checkpoint cannot be used: \(reason)")
        case .steps(let epoch, let total, let share, let loss):
            guard isDue else { return }
            let text = "epoch \(epoch) of \(total), \(Int(100 * share)) %: loss \(Significant.text(loss))"
            say(text, epoch, total, loss: loss, part: Double(epoch - 1) + share)
        case .epoch(let epoch, let total, let isBest):
            restart()
            var parts = ["loss \(Significant.text(epoch.trainLoss))"]
            if let loss = epoch.validationLoss { parts.append("validation \(Significant.text(loss))") }
            if isBest { parts.append("the best so far") }
            say(
                "epoch \(epoch.number) of \(total): " + parts.joined(separator: ", "),
                epoch.number,
                total,
                loss: epoch.validationLoss ?? epoch.trainLoss
            )
        }
    }

    private func say(_ message: String, _ epoch: Int, _ total: Int, loss: Double? = nil, part: Double? = nil) {
        context.report(.train, message, share: (part ?? Double(epoch)) / Double(max(1, total))) { event in
            event.epoch = epoch
            event.epochs = total
            event.loss = loss.map(Significant.round)
        }
    }

    private var isDue: Bool {
        let time = now()
        return last.withLock { last in
            guard time - last >= Self.interval else { return false }
            last = time
            return true
        }
    }

    private func restart() {
        let time = now()
        last.withLock { $0 = time }
    }
}
