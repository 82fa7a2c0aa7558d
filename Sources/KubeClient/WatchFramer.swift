// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// Cuts the body of a watch into frames, one a line, wherever the pieces of the body begin and end.
///
/// Only LF ends a line: strings in JSON may hold other characters that look like line breaks.
struct WatchFramer: Sendable {
    /// A frame that is larger than the framer allows.
    struct FrameTooLarge: Error, Equatable {
        let limit: Int
    }

    /// The largest frame.
    ///
    /// Objects are at most 1.5 MiB in etcd by default, and JSON may be larger than what is stored.
    let limit: Int
    private var pending = Data()

    init(limit: Int = 16 << 20) {
        self.limit = limit
    }

    /// Takes a piece of the body and returns the frames that are complete now, without their line breaks.
    mutating func append(_ piece: Data) throws(FrameTooLarge) -> [Data] {
        var frames: [Data] = []
        var start = piece.startIndex
        while let end = Self.lineFeed(in: piece, from: start) {
            let line = piece[start..<end]
            guard pending.count + line.count <= limit else { throw FrameTooLarge(limit: limit) }
            var frame = pending
            pending = Data()
            frame.append(line)
            if frame.contains(where: { $0 > 0x20 }) { frames.append(frame) }
            start = end + 1
        }
        guard pending.count + (piece.endIndex - start) <= limit else { throw FrameTooLarge(limit: limit) }
        pending.append(piece[start...])
        return frames
    }

    private static func lineFeed(in data: Data, from start: Int) -> Int? {
        guard start < data.endIndex else { return nil }
        return data[start...].withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress, let found = memchr(base, 0x0A, bytes.count) else { return nil }
            return start + (UnsafeRawPointer(found) - base)
        }
    }
}
