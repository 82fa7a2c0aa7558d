// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import HTTPTransport

struct ResponseHeadParserTests {
    func parse(_ lines: [String]) -> [ResponseHead] {
        var parser = ResponseHeadParser()
        return lines.compactMap {
            guard case .complete(let head) = parser.line($0.utf8) else { return nil }
            return head
        }
    }

    @Test("a head is put together, interim answers and trailers are not part of it")
    func heads() {
        let lines = [
            "HTTP/1.1 100 Continue\r\n", "X: y\r\n", "\r\n", "HTTP/2 404\r\n", "A:  b c \r\n", "nonsense\r\n", "B:\r\n",
            "\r\n", "Trailer: z\r\n", "\r\n",
        ]
        #expect(
            parse(lines) == [ResponseHead(status: 404, headers: [HTTPHeader("A", "b c"), HTTPHeader("B", "")])]
        )
    }

    @Test("a status that is none gives no head")
    func badStatus() {
        for line in ["HTTP/1.1", "HTTP/1.1 abc", "HTTP/1.1 99", "HTTP/1.1 -12 x", "HTTP/1.1 999999999999999999999"] {
            #expect(parse([line, "\r\n"]).isEmpty)
        }
    }

    @Test("random bytes never trap")
    func fuzz() {
        var random = SeededRandom(seed: 2)
        var parser = ResponseHeadParser()
        let pieces: [[UInt8]] = [
            Array("HTTP/1.1 ".utf8), Array("200".utf8), [13, 10], [0xC3], [0xFF, 0x3A], [32], [58],
        ]
        for _ in 0..<20_000 {
            let line = (0..<Int.random(in: 0..<5, using: &random)).flatMap { _ in
                pieces.randomElement(using: &random) ?? []
            }
            _ = parser.line(line)
        }
    }
}
