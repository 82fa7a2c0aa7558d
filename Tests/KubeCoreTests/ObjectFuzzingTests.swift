// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore
import TestSupport
import Testing

struct ObjectFuzzingTests {
    let seeds = [
        #"{"metadata":{"name":"a","creationTimestamp":"2026-11-21T03:00:00Z","labels":{"a/b":"c"}},"spec":{"backoffLimit":3,"template":{"spec":{"containers":[{"name":"m","image":"i","resources":{"limits":{"cpu":"1"}}}]}}},"status":{"conditions":[{"type":"Failed","status":"True"}],"failed":1}}"#,
        #"{"metadata":{"resourceVersion":"7","continue":"x","remainingItemCount":3},"items":[{"metadata":{"name":"a"}},{"metadata":4},null]}"#,
        #"{"kind":"Status","code":409,"reason":"Conflict","details":{"causes":[{"reason":"x","message":"y","field":"z"}],"retryAfterSeconds":1}}"#,
        #"{"metadata":{"name":"l"},"spec":{"renewTime":"2026-11-21T03:00:00.123456Z","leaseDurationSeconds":15}}"#,
        #"{"groupVersion":"batch/v1","resources":[{"name":"jobs","kind":"Job","namespaced":true,"verbs":["list"]}]}"#,
        #"[1e308,-0.0,9223372036854775807,18446744073709551615,1.5,"\u00e9\ud83d\ude00",true,null]"#,
    ]

    @Test("objects of any bytes are read or refused and never trap")
    func mutations() async {
        var random = SeededRandom(seed: 36)
        let tokens = ["{", "}", "[", "]", ",", ":", "\"", "\\", "null", "1e999", "-1", "99999999999999999999", "\u{0}"]
        for seed in seeds {
            for _ in 0..<300 {
                // Other tests want the pool, too.
                await Task.yield()
                var bytes = Array(seed.utf8)
                for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
                    let index = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                    case 1: bytes.remove(at: index)
                    case 2: bytes.removeSubrange(index...)
                    default:
                        bytes.insert(contentsOf: Array((tokens.randomElement(using: &random) ?? "").utf8), at: index)
                    }
                }
                #expect(ObjectFuzzing.fuzzObject(Data(bytes)), "\(String(decoding: bytes, as: UTF8.self))")
            }
        }
    }

    @Test("depth, size and odd numbers are read or refused and never trap")
    func extremes() {
        let texts = [
            String(repeating: "[", count: 200_000), String(repeating: #"{"a":"#, count: 200_000),
            #"{"metadata":"# + String(repeating: #"{"labels":"#, count: 50_000), "1e999", "-1e999", #""\ud800""#,
            #"{"spec":{"backoffLimit":1e30}}"#, #"{"spec":{"backoffLimit":-0.5}}"#, "\u{feff}{}", "", " ", "nul",
            #"{"metadata":{"generation":9223372036854775808,"creationTimestamp":"9999999999-01-01T00:00:00Z"}}"#,
            "[" + String(repeating: "1,", count: 200_000) + "1]",
        ]
        for text in texts { #expect(ObjectFuzzing.fuzzObject(Data(text.utf8)), "\(text.prefix(60))") }
    }
}
