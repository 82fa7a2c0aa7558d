// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Numbers as people read them in messages.
enum ReadableNumber {
    /// Behind the point as many digits as make four with those before it, and none that is zero.
    static func text(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return String(value) }
        var scale = 1.0
        while abs(value) * scale < 1_000, scale < 1e9 { scale *= 10 }
        let rounded = (value * scale).rounded() / scale
        guard rounded != 0 || value == 0 else { return String(value) }
        return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }
}
