// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// Which findings about served forecasts start a run.
package struct RetrainSpec: Codable, Sendable, Equatable {
    /// Whether a run starts when a service says of the promoted version that its forecasts exceed a limit. Default false.
    package var onAccuracyLoss: Bool?
    /// Whether a run starts when a service says that the data has moved away from what the promoted version was trained
    /// on. Default false.
    package var onDrift: Bool?
    /// Seconds since the start of the latest run, whatever started it, before a finding starts another one, 10 to
    /// 31,536,000. Default 86,400.
    package var cooldownSeconds: Int?

    /// The default of `cooldownSeconds`.
    package static let defaultCooldownSeconds = 86_400

    /// Makes a rule; what is nil has its default.
    package init(onAccuracyLoss: Bool? = nil, onDrift: Bool? = nil, cooldownSeconds: Int? = nil) {
        self.onAccuracyLoss = onAccuracyLoss
        self.onDrift = onDrift
        self.cooldownSeconds = cooldownSeconds
    }

    /// The rule with each default filled in.
    package func withDefaults() -> Self {
        var filled = self
        filled.onAccuracyLoss = onAccuracyLoss ?? false
        filled.onDrift = onDrift ?? false
        filled.cooldownSeconds = cooldownSeconds ?? Self.defaultCooldownSeconds
        return filled
    }
}

/// The finding about served forecasts that started a run last.
package struct RetrainStatus: Codable, Sendable, Equatable {
    /// The service that found it.
    package var service: String
    /// When it was found; no finding of that time or before starts another run.
    package var time: Date
    /// What was found.
    package var trigger: RunTrigger
    /// The run that it started.
    package var run: String
    /// The service's words, with the numbers.
    package var message: String

    /// Makes the facts of a finding.
    package init(service: String, time: Date, trigger: RunTrigger, run: String, message: String) {
        self.service = service
        self.time = time
        self.trigger = trigger
        self.run = run
        self.message = message
    }
}
