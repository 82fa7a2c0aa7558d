// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Connectors

@Suite("gzip to text")
struct GzipInflaterTests {
    /// `printf 'a\n1\n' | gzip -n -9`
    private static let small: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4B, 0xE4, 0x32, 0xE4, 0x02, 0x00, 0x00, 0x24,
        0xC1, 0x89, 0x04, 0x00, 0x00, 0x00,
    ]

    private func inflate(_ bytes: [UInt8], pieceSize: Int = .max) throws(ConnectorError) -> [UInt8] {
        var inflater = try GzipInflater()
        var text: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let piece = Array(bytes[start...].prefix(pieceSize))
            start += piece.count
            try piece.span.withUnsafeBytes { buffer throws(ConnectorError) in
                try inflater.inflate(buffer) { made throws(ConnectorError) in text += made }
            }
        }
        try inflater.finish()
        return text
    }

    @Test("one member, in one piece or byte by byte", arguments: [1, 2, 7, 100])
    func oneMember(_ pieceSize: Int) throws {
        #expect(try inflate(Self.small, pieceSize: pieceSize) == Array("a\n1\n".utf8))
    }

    @Test("members one after the other are one text, and zeros may fill up the end", arguments: [1, 5, 24, 100])
    func members(_ pieceSize: Int) throws {
        let bytes = Self.small + Self.small + [UInt8](repeating: 0, count: 40)
        #expect(try inflate(bytes, pieceSize: pieceSize) == Array("a\n1\na\n1\n".utf8))
    }

    @Test("a file that was cut off anywhere is refused")
    func truncated() {
        for count in 0..<Self.small.count {
            let error = #expect(throws: ConnectorError.self) { try inflate(Array(Self.small.prefix(count))) }
            #expect(error?.description == "the gzip data ends too early; the file was cut off")
        }
    }

    @Test("text after the end, and zeros followed by more, are refused")
    func trailing() {
        for tail in [Array("text".utf8), [0, 0, 1], [0x1F, 0x8C]] {
            #expect(throws: ConnectorError.self) { try inflate(Self.small + tail) }
            #expect(throws: ConnectorError.self) { try inflate(Self.small + tail, pieceSize: 1) }
        }
    }

    @Test("a wrong bit in the text or its checksum is found")
    func corrupt() {
        for index in 10..<Self.small.count {
            for bit in 0..<8 {
                var bytes = Self.small
                bytes[index] ^= 1 << bit
                // A few bits of the deflate stream mean nothing; none may change the text unseen.
                if let text = try? inflate(bytes) { #expect(text == Array("a\n1\n".utf8)) }
            }
        }
    }

    @Test("random bytes never trap")
    func noise() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...80, using: &random)
            let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let pieceSize = Int.random(in: 1...90, using: &random)
            _ = try? inflate(Array(Self.small.prefix(10)) + noise, pieceSize: pieceSize)
            _ = try? inflate(noise, pieceSize: pieceSize)
        }
    }
}
