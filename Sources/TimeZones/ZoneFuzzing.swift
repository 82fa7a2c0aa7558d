// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a fuzzer feeds with bytes: the files of a time zone database that somebody else put there.
package enum ZoneFuzzing {
    /// A zone's file: read or refused, and what was read has changes that follow one another.
    package static func fuzzZone(_ bytes: [UInt8]) -> Bool {
        guard let rules = try? ZoneFile.rules(in: bytes, path: "") else { return true }
        return rules.isConsistent
    }
}

extension ZoneRules {
    /// Whether changes lie one after the other, with one offset between them, wherever one begins to look.
    var isConsistent: Bool {
        for start in [-1 << 40, -2_000_000_000, 0, 1_005_000_000, 1_800_000_000, 1 << 40] {
            var instant = start
            for _ in 0..<8 where instant < Self.never {
                let next = change(after: instant)
                guard next > instant, offset(at: next - 1) == offset(at: instant) else { return false }
                instant = next
            }
        }
        return true
    }
}
