// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Which requests a canary answers: exactly its share of them, spread evenly, or always those of the same clients.
///
/// The count is Bresenham's: each request adds the share to a sum, and whenever the sum reaches the whole the canary's turn
/// has come. Any hundred requests in a row hold exactly the canary's percentage where that is a whole number, and never
/// more than one request more or less where it is not.
struct TrafficSplit: Sendable, Equatable {
    /// Shares are counted in thousandths of a percent.
    private static let whole = 100_000

    private let share: Int
    private var sum = 0

    /// A split that gives the canary a percentage, 0 to 100.
    init(percent: Double) {
        share = percent.isFinite ? Int((min(max(percent, 0), 100) * 1_000).rounded()) : 0
    }

    /// Whether the canary answers the next request.
    mutating func takesNext() -> Bool {
        sum += share
        guard sum >= Self.whole else { return false }
        sum -= Self.whole
        return true
    }

    /// Whether the canary answers requests with this text. A client that the canary answers stays with it when the share
    /// grows, and one that it does not answer stays where it is when the share falls. The same in every pod.
    func takes(_ text: String) -> Bool { Int(Self.hash(text) % UInt64(Self.whole)) < share }

    /// FNV-1a (Fowler, Noll and Vo), mixed once more as SplitMix64 does, for its low bits follow the text's last bytes.
    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        return hash ^ hash >> 31
    }
}
