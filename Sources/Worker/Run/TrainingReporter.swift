// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Synchronization

/// Says how far a training in epochs is: a line an epoch, and between them one every few seconds. Where each series has a
/// model of its own, lines name the series, and the share is that of all of them.
final class TrainingReporter: Sendable {
    /// Seconds between two lines within an epoch.
    private static let interval = Duration.seconds(5)

    private let context: StepContext
    private let now: @Sendable () -> ContinuousClock.Instant
    private let last: Mutex<ContinuousClock.Instant>
    private let series = Mutex<Series?>(nil)

    /// The series whose model is fitted now, counted from 1.
    private struct Series {
        let label: String
        let number: Int
        let total: Int
    }

    init(_ context: StepContext, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.context = context
        self.now = now
        last = Mutex(now())
    }

    /// Reports an event where one is due.
    func callAsFunction(_ event: FitEvent) {
        switch event {
        case .series(let label, let number, let total):
            series.withLock { $0 = Series(label: label, number: number, total: total) }
            guard isDue else { return }
            let share = Double(number - 1) / Double(max(1, total))
            context.report(.train, "fitting series \(number) of \(total), \(label)", share: share)
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
        let series = series.withLock(\.self)
        let own = (part ?? Double(epoch)) / Double(max(1, total))
        let share = series.map { (Double($0.number - 1) + own) / Double(max(1, $0.total)) } ?? own
        let name = series.map { "series \($0.label): " } ?? ""
        context.report(.train, name + message, share: share) { event in
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
