// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@Suite("Results of steps")
struct StepResultTests {
    @Test(
        "a failure fits a termination message and keeps most of its text",
        arguments: ["a", "\n", "\u{0}", "\"", "é", "🙂", "e\u{301}\u{302}"]
    )
    func fits(piece: String) throws {
        for count in [1, 500, 1_000, 4_096, 1_000_000 / piece.utf8.count] {
            var result = StepResult(step: "prepare")
            result.failure = StepFailure(reason: .badData, message: String(repeating: piece, count: count))
            let data = try result.encoded()
            #expect(data.count <= StepResult.maximumBytes)
            let decoded = try #require(StepResult.decode(String(decoding: data, as: UTF8.self)))
            #expect(decoded.failure?.reason == .badData)
            if decoded != result { #expect(data.count > StepResult.maximumBytes - 16) }
        }
    }

    @Test("text that is no result is told apart", arguments: ["", "{", "panic", "{}", "[1]"])
    func foreign(text: String) {
        #expect(StepResult.decode(text) == nil)
    }
}
