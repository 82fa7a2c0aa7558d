// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import KubeClient

struct WatchFramerTests {
    let frames = ["{\"a\":\"1\u{2028}\u{85}\\n\"}", "{}", "{\"b\":\"é\r\"}"].map { Data($0.utf8) }

    var body: Data { Data(frames.flatMap { Array($0) + [0x0A] }) }

    @Test("frames are the same wherever the pieces are cut")
    func everyOffset() throws {
        for first in 0...body.count {
            for second in stride(from: first, through: body.count, by: 3) {
                var framer = WatchFramer()
                let pieces = [body[..<first], body[first..<second], body[second...]]
                #expect(try pieces.flatMap { try framer.append(Data($0)) } == frames)
                framer = WatchFramer()
                // Slices keep their parent's indices.
                #expect(try pieces.flatMap { try framer.append($0) } == frames)
            }
        }
    }

    @Test("a large frame arrives whole, and empty lines are none")
    func large() throws {
        var framer = WatchFramer()
        let large = Data(repeating: 0x61, count: 3 << 20)
        var found: [Data] = []
        for start in stride(from: 0, to: large.count, by: 16_384) {
            found += try framer.append(large[start..<min(start + 16_384, large.count)])
        }
        found += try framer.append(Data("\n\n\r\n".utf8))
        #expect(found == [large])
    }

    @Test("a frame over the limit is an error, wherever it is cut")
    func limit() throws {
        for cut in 0...12 {
            var framer = WatchFramer(limit: 10)
            let line = Data(repeating: 0x61, count: 11) + Data([0x0A])
            #expect(throws: WatchFramer.FrameTooLarge(limit: 10)) {
                _ = try framer.append(line.prefix(cut))
                _ = try framer.append(line.dropFirst(cut))
            }
        }
        var framer = WatchFramer(limit: 10)
        #expect(try framer.append(Data(repeating: 0x61, count: 10) + Data([0x0A])).count == 1)
    }

    @Test("random bodies in random pieces give what splitting the whole gives")
    func fuzz() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2_000 {
            let body = Data(
                (0..<Int.random(in: 0..<60, using: &random)).map { _ in
                    [0x0A, 0x61, 0xC2, 0x85].randomElement(using: &random) ?? 0
                }
            )
            var framer = WatchFramer()
            var found: [Data] = []
            var rest = body
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...7, using: &random))
                rest = rest.dropFirst(piece.count)
                found += try framer.append(piece)
            }
            let lines = body.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast().filter { !$0.isEmpty }
            #expect(found == lines.map { Data($0) })
        }
    }
}
