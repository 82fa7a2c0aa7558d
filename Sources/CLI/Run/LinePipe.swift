// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// A pipe from a child process, read line by line as bytes come.
final class LinePipe: Sendable {
    /// What the process writes into.
    let pipe = Pipe()
    private let buffer = Mutex(LineBuffer())
    private let onLine: @Sendable (String) -> Void

    init(onLine: @escaping @Sendable (String) -> Void) { self.onLine = onLine }

    /// Reads to the end; the group is left there.
    func read(in group: DispatchGroup) {
        group.enter()
        pipe.fileHandleForReading.readabilityHandler = { [self] handle in
            let data = handle.availableData
            let lines = buffer.withLock { data.isEmpty ? $0.finish() : $0.append(data) }
            lines.forEach(onLine)
            guard data.isEmpty else { return }
            handle.readabilityHandler = nil
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
