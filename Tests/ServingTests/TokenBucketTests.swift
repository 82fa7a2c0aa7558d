// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Serving

@Suite("The bucket of tokens")
struct TokenBucketTests {
    private let start = ContinuousClock.now

    @Test("lets through a second's worth at once, then one for each part of a second")
    func burst() {
        var bucket = TokenBucket(rate: 5, now: start)
        #expect((0..<5).allSatisfy { _ in bucket.take(at: start) == nil })
        #expect(bucket.take(at: start).map { abs($0 - 0.2) < 1e-9 } == true)
        #expect(bucket.take(at: start + .milliseconds(199)) != nil)
        #expect(bucket.take(at: start + .milliseconds(201)) == nil)
        #expect(bucket.take(at: start + .milliseconds(202)) != nil)
    }

    @Test("lets one through each few seconds where the rate is below one")
    func slow() {
        var bucket = TokenBucket(rate: 0.25, now: start)
        #expect(bucket.take(at: start) == nil)
        #expect(bucket.take(at: start + .seconds(3)).map { abs($0 - 1) < 1e-9 } == true)
        #expect(bucket.take(at: start + .seconds(4)) == nil)
    }

    @Test("never lets more through than the rate and one burst, and lets one through when it said it would")
    func property() {
        for seed in 0..<50 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let rate = Double.random(in: 0.1...200, using: &random)
            var bucket = TokenBucket(rate: rate, now: start)
            var elapsed = 0.0
            var taken = 0.0
            for _ in 0..<500 {
                elapsed += Double.random(in: 0...(2 / rate), using: &random)
                let now = start + .nanoseconds(Int64(elapsed * 1e9))
                if let wait = bucket.take(at: now) {
                    var later = bucket
                    #expect(later.take(at: now + .nanoseconds(Int64(wait * 1e9) + 1_000)) == nil)
                } else {
                    taken += 1
                }
                #expect(taken <= elapsed * rate + max(1, rate) + 1e-6)
            }
        }
    }

    @Test("is not moved by a clock that stands still or goes back")
    func clock() {
        var bucket = TokenBucket(rate: 1, now: start)
        #expect(bucket.take(at: start) == nil && bucket.take(at: start - .seconds(10)) != nil)
        #expect(bucket.take(at: start + .milliseconds(500)) != nil)
    }
}
