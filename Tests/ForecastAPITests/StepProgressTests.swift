// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import TestSupport
import Testing

@Suite("Progress in a worker's log")
struct StepProgressTests {
    private static let line = #"{"fraction":0.333333,"message":"fitting","rows":100,"task":"Train"}"#

    @Test("the last event counts, whatever stands round it")
    func last() {
        let log = "{\"task\":\"Prepare\",\"message\":\"a\",\"fraction\":0}\n\(Self.line)\nwarning: x\n{broken\n"
        let event = StepProgress.last(in: Data(log.utf8))
        #expect(event == StepProgress(task: "Train", message: "fitting", fraction: 0.33, rows: 100))
        #expect(StepProgress.last(in: Data()) == nil && StepProgress.last(in: Data("plain\n".utf8)) == nil)
    }

    @Test("what a library or a user writes is no event, and what is out of bounds is brought within")
    func bounds() {
        func event(_ text: String) -> StepProgress? { StepProgress.last(in: Data(text.utf8)) }
        #expect(event(#"{"task":"Rest","message":"a","fraction":0}"#) == nil)
        #expect(event(#"{"task":"Train","message":"a"}"#) == nil)
        let wild = event(
            #"{"task":"Train","message":"\#(String(repeating: "é", count: 5_000))","fraction":7,"rows":-1}"#
        )
        #expect(wild?.message.count == 200 && wild?.fraction == 1 && wild?.rows == nil)
        let old = Self.line + "\n" + String(repeating: "x", count: StepProgress.mostBytes)
        #expect(event(old) == nil)
    }

    @Test("no bytes trap")
    func fuzz() {
        var random = SeededRandom(seed: 11)
        let seeds = [Array(Self.line.utf8), Array("\n\n{\"task\":\"Train\"".utf8)]
        for _ in 0..<20_000 {
            var bytes = seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
                case 1 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                case 2 where place < bytes.count: bytes.removeSubrange(place..<min(bytes.count, place + 3))
                default: bytes.append(contentsOf: bytes.prefix(place))
                }
            }
            guard let event = StepProgress.last(in: Data(bytes)) else { continue }
            #expect((0...1).contains(event.fraction) && event.message.count <= 200 && event.rows ?? 0 >= 0)
        }
    }
}
