// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The head of a request or answer: its first line and its fields.
struct HTTPHead {
    var firstLine: String
    var fields: [(name: String, value: String)] = []

    /// The value of a field, by its name in lower case.
    subscript(name: String) -> String? { fields.first { $0.name.lowercased() == name }?.value }

    /// The head as bytes, without the fields of those names (in lower case).
    func bytes(without names: Set<String> = [], adding more: [String] = []) -> [UInt8] {
        let kept = fields.filter { !names.contains($0.name.lowercased()) }.map { "\($0.name): \($0.value)" }
        return Array(([firstLine] + kept + more + ["", ""]).joined(separator: "\r\n").utf8)
    }
}

/// Reads HTTP/1.1 from a connection.
struct HTTPReader {
    let socket: TLSSocket
    private var buffer: [UInt8] = []

    init(_ socket: TLSSocket) { self.socket = socket }

    /// Whether the next read returns at once.
    var isReady: Bool { !buffer.isEmpty || socket.hasPending }

    /// A head; nil where the connection ends.
    mutating func head() -> HTTPHead? {
        guard let first = line(), !first.isEmpty else { return nil }
        var head = HTTPHead(firstLine: first)
        while let line = line() {
            guard !line.isEmpty else { return head }
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            head.fields.append((String(line[..<colon]), value))
        }
        return nil
    }

    /// The whole body that belongs to a head; nil where the connection ends before.
    mutating func body(of head: HTTPHead) -> [UInt8]? {
        if head["transfer-encoding"]?.lowercased() == "chunked" {
            var body: [UInt8] = []
            while let chunk = chunk() {
                if chunk.isEmpty { return body }
                body += chunk
            }
            return nil
        }
        return bytes(head["content-length"].flatMap(Int.init) ?? 0)
    }

    /// The next chunk of a chunked body, empty at its end; nil where the connection ends before.
    mutating func chunk() -> [UInt8]? {
        guard let size = line().flatMap({ Int($0.prefix { $0 != ";" }, radix: 16) }), let chunk = bytes(size),
            bytes(2) != nil
        else { return nil }
        return chunk
    }

    private mutating func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = buffer[..<end]
                buffer.removeFirst(end + 1)
                return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
            }
            guard let more = socket.read() else { return nil }
            buffer += more
        }
    }

    private mutating func bytes(_ count: Int) -> [UInt8]? {
        while buffer.count < count {
            guard let more = socket.read() else { return nil }
            buffer += more
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }
}
