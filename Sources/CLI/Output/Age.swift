// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Spans of time with kubectl's units.
enum Age {
    /// For instance `90s`, `5m30s`, `3h`, `12d`; a negative span is `0s`.
    static func text(_ span: TimeInterval) -> String {
        let seconds = Int(max(0, min(span, 1e10)))
        let minutes = seconds / 60
        let hours = minutes / 60
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<600: return "\(minutes)m" + (seconds % 60 == 0 ? "" : "\(seconds % 60)s")
        case ..<10_800: return "\(minutes)m"
        case ..<28_800: return "\(hours)h" + (minutes % 60 == 0 ? "" : "\(minutes % 60)m")
        case ..<172_800: return "\(hours)h"
        case ..<691_200: return "\(hours / 24)d" + (hours % 24 == 0 ? "" : "\(hours % 24)h")
        case ..<63_072_000: return "\(hours / 24)d"
        default: return "\(hours / 24 / 365)y"
        }
    }
}
