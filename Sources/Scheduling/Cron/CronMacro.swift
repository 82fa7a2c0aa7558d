// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Short forms of whole expressions.
enum CronMacro: String, CaseIterable {
    case hourly = "@hourly"
    case daily = "@daily"
    case midnight = "@midnight"
    case weekly = "@weekly"
    case monthly = "@monthly"
    case yearly = "@yearly"
    case annually = "@annually"

    /// The five fields that it stands for.
    var fields: String {
        switch self {
        case .hourly: "0 * * * *"
        case .daily, .midnight: "0 0 * * *"
        case .weekly: "0 0 * * 0"
        case .monthly: "0 0 1 * *"
        case .yearly, .annually: "0 0 1 1 *"
        }
    }
}
