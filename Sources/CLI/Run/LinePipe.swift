// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// A pipe from a child process, read line by line as bytes come.
final class LinePipe: Sendable {
    /// What the process writes into.
    let pipe = Pipe()
    private static let chunk = 65_536
    private let buffer = Mutex(LineBuffer())
    private let onLine: @Sendable (String) -> Void

    init(onLine: @escaping @Sendable (String) -> Void) { self.onLine = onLine }

    /// Reads to the end; the group is left there.
    ///
    /// On a thread of its own: Dispatch was seen to miss the end of a pipe, and the run then never ended.
    func read(in group: DispatchGroup) {
        group.enter()
        Thread.detachNewThread { [self] in
            var bytes = [UInt8](repeating: 0, count: Self.chunk)
            while true {
                let count = Foundation.read(pipe.fileHandleForReading.fileDescriptor, &bytes, bytes.count)
                if count == -1, errno == EINTR { continue }
                guard count > 0 else { break }
                buffer.withLock { $0.append(Data(bytes[..<count])) }.forEach(onLine)
            }
            buffer.withLock { $0.finish() }.forEach(onLine)
            group.leave()
        }
    }
}

/// Cuts bytes into lines.
struct LineBuffer {
    /// Longer lines are cut, so that a process without line ends cannot fill the memory.
    static let maximumBytes = 65_536
    private var pending: [UInt8] = []

    /// Adds bytes and takes out the lines that are whole now.
    mutating func append(_ data: Data) -> [String] {
        var lines: [String] = []
        for byte in data {
            if byte == UInt8(ascii: "\n") || pending.count >= Self.maximumBytes {
                lines += finish()
            }
            if byte != UInt8(ascii: "\n") { pending.append(byte) }
        }
        return lines
    }

    /// Takes out what is left after the last line end.
    mutating func finish() -> [String] {
        guard !pending.isEmpty else { return [] }
        defer { pending.removeAll(keepingCapacity: true) }
        return [String(decoding: pending, as: UTF8.self)]
    }
}
