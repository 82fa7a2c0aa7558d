// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What is trained, and the window that it sees: exactly one model block.
package struct ModelSpec: Codable, Sendable, Equatable {
    /// Steps of history that the model sees, at least 1.
    package var lookback: Int
    /// Steps that the model forecasts, at least 1.
    package var horizon: Int
    /// Whether one model is fitted on all series of `series.groupBy`, or one on each. Default `Global`.
    package var scope: ModelScope?
    /// Repeats the last season.
    package var seasonalNaive: SeasonalNaiveSpec?
    /// A linear map of the window less its last value (Zeng et al., 2023).
    package var nlinear: NLinearSpec?
    /// Linear maps of the window's moving average and of the rest (Zeng et al., 2023).
    package var dlinear: DLinearSpec?
    /// A transformer for long horizons (Zhou et al., 2021).
    package var informer: InformerSpec?

    /// Makes a model specification.
    package init(
        lookback: Int,
        horizon: Int,
        seasonalNaive: SeasonalNaiveSpec? = nil,
        nlinear: NLinearSpec? = nil,
        dlinear: DLinearSpec? = nil,
        informer: InformerSpec? = nil
    ) {
        self.lookback = lookback
        self.horizon = horizon
        self.seasonalNaive = seasonalNaive
        self.nlinear = nlinear
        self.dlinear = dlinear
        self.informer = informer
    }

    /// The names of all model blocks, as written in YAML.
    package static let kinds = ["seasonalNaive", "nlinear", "dlinear", "informer"]

    /// The names of the model blocks that are there, as written in YAML.
    package var chosenKinds: [String] {
        var kinds: [String] = []
        if seasonalNaive != nil { kinds.append("seasonalNaive") }
        if nlinear != nil { kinds.append("nlinear") }
        if dlinear != nil { kinds.append("dlinear") }
        if informer != nil { kinds.append("informer") }
        return kinds
    }
}

/// What a model of several series is fitted on. Scaling is always that of each series.
package enum ModelScope: String, Codable, Sendable, CaseIterable {
    /// One model on the rows of all series.
    case global = "Global"
    /// A model for each series, on its own rows.
    case local = "Local"
}

/// The seasonal naive forecast: the value of one season ago.
package struct SeasonalNaiveSpec: Codable, Sendable, Equatable {
    /// Makes a seasonal naive model; its season is `series.seasonLength`.
    package init() {}
}

/// NLinear, fitted by least squares.
package struct NLinearSpec: Codable, Sendable, Equatable {
    /// Whether each column has a map of its own. Default false: one map for all.
    package var individual: Bool?

    /// Makes an NLinear model.
    package init(individual: Bool? = nil) {
        self.individual = individual
    }
}

/// DLinear, fitted by least squares.
package struct DLinearSpec: Codable, Sendable, Equatable {
    /// Whether each column has maps of its own. Default false: one pair for all.
    package var individual: Bool?
    /// Length of the moving average, odd. Default 25.
    package var kernelSize: Int?

    /// Makes a DLinear model.
    package init(individual: Bool? = nil, kernelSize: Int? = nil) {
        self.individual = individual
        self.kernelSize = kernelSize
    }
}
