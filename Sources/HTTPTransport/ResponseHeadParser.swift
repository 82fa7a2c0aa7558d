// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The head of an answer: its status and header fields.
struct ResponseHead: Sendable, Equatable {
    var status: Int
    var headers: [HTTPHeader]
}

/// Puts the head of an answer together from its lines, skipping interim answers (100 to 199) and trailers.
struct ResponseHeadParser: Sendable {
    /// What a line led to.
    enum Step: Equatable {
        case more
        case complete(ResponseHead)
    }

    /// More header fields than any honest server sends are dropped, so that a hostile one cannot fill the memory.
    static let maximumFields = 1_000

    private var head: ResponseHead?
    private var isComplete = false

    /// Takes one line, with or without its line break.
    mutating func line(_ bytes: some Collection<UInt8>) -> Step {
        guard !isComplete else { return .more }
        let text = String(decoding: bytes, as: UTF8.self)
        let line = text.prefix { !$0.isNewline }
        if line.hasPrefix("HTTP/") {
            head = Self.status(line).map { ResponseHead(status: $0, headers: []) }
            return .more
        }
        guard var current = head else { return .more }
        if line.isEmpty {
            guard !(100..<200).contains(current.status) else {
                head = nil
                return .more
            }
            isComplete = true
            return .complete(current)
        }
        guard let colon = line.firstIndex(of: ":"), current.headers.count < Self.maximumFields else { return .more }
        let value = line[line.index(after: colon)...].drop(while: \.isWhitespace)
        let end = value.lastIndex { !$0.isWhitespace }.map { value.index(after: $0) } ?? value.startIndex
        current.headers.append(HTTPHeader(String(line[..<colon]), String(value[..<end])))
        head = current
        return .more
    }

    private static func status(_ line: Substring) -> Int? {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[1].utf8.count == 3, let status = Int(parts[1]), (100...599).contains(status)
        else { return nil }
        return status
    }
}
