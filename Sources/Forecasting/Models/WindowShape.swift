// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What goes into a model and what comes out of it.
package struct WindowShape: Hashable, Codable, Sendable {
    /// The largest lookback or horizon; keeps sizes of buffers far from overflow.
    package static let largestLength = 1_000_000
    /// The most columns of rows to come.
    package static let mostFuture = 1_000

    /// How many rows a model sees.
    package let lookback: Int
    /// How many rows it forecasts.
    package let horizon: Int
    /// How many columns it sees; the targets come first.
    package let channels: Int
    /// How many columns it forecasts.
    package let targets: Int
    /// How many columns it is told of the rows that it forecasts.
    package let future: Int

    private enum CodingKeys: String, CodingKey {
        case lookback, horizon, channels, targets, future
    }

    /// A shape with all numbers positive, but for `future`, and targets among the channels.
    /// - Throws: `ForecastingError.invalidShape`.
    package init(
        lookback: Int,
        horizon: Int,
        channels: Int,
        targets: Int,
        future: Int = 0
    ) throws(ForecastingError) {
        let lengths = 1...Self.largestLength
        guard lengths.contains(lookback), lengths.contains(horizon) else {
            throw .invalidShape(
                reason: "lookback \(lookback) and horizon \(horizon) must be from 1 to \(Self.largestLength)"
            )
        }
        guard (1...100_000).contains(channels), (1...channels).contains(targets) else {
            throw .invalidShape(reason: "\(targets) targets among \(channels) columns")
        }
        guard (0...Self.mostFuture).contains(future) else {
            throw .invalidShape(reason: "\(future) columns of rows to come, of which at most \(Self.mostFuture) can be")
        }
        self.lookback = lookback
        self.horizon = horizon
        self.channels = channels
        self.targets = targets
        self.future = future
    }

    /// Decodes and checks the shape, since it comes from a file.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            lookback: container.decode(Int.self, forKey: .lookback),
            horizon: container.decode(Int.self, forKey: .horizon),
            channels: container.decode(Int.self, forKey: .channels),
            targets: container.decode(Int.self, forKey: .targets),
            future: container.decodeIfPresent(Int.self, forKey: .future) ?? 0
        )
    }

    /// Encodes the shape; one without a future as it was before there was any.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(lookback, forKey: .lookback)
        try container.encode(horizon, forKey: .horizon)
        try container.encode(channels, forKey: .channels)
        try container.encode(targets, forKey: .targets)
        if future > 0 { try container.encode(future, forKey: .future) }
    }

    /// The numbers in one window: lookback * channels.
    package var inputCount: Int { lookback * channels }
    /// The numbers in one forecast: horizon * targets.
    package var outputCount: Int { horizon * targets }
    /// The numbers that are known of the rows of one forecast: horizon * future.
    package var futureCount: Int { horizon * future }
}
