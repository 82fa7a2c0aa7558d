// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a proxy sends in place of the events of one watch: a pure value.
struct WatchTap {
    /// One thing to do.
    enum Output: Equatable {
        /// Send these bytes as one chunk.
        case send([UInt8])
        /// Send these bytes one by one.
        case trickle([UInt8])
        /// Wait.
        case wait(Duration)
        /// Send these bytes, then break the connection.
        case breakAfter([UInt8])
        /// End the body in order.
        case end
        /// Send nothing any more.
        case fallSilent
    }

    private var line: [UInt8] = []
    private var history: [[UInt8]] = []
    private var heldBack: [UInt8]?
    private var isGluing = false

    /// Takes a piece of the body; `decide` gives the fault for an event's type.
    mutating func take(_ piece: [UInt8], _ decide: (String) -> FaultRule.EventFault?) -> [Output] {
        var outputs: [Output] = []
        for byte in piece {
            line.append(byte)
            guard byte == 0x0A else { continue }
            let frame = line
            line = []
            outputs += output(frame, decide(Self.type(of: frame)))
            history.append(frame)
            if history.count > 32 { history.removeFirst() }
        }
        return outputs
    }

    /// Whether an event waits for the next one.
    var isHolding: Bool { heldBack != nil }

    /// Lets go of an event that has waited for another one for long enough.
    mutating func flush() -> [Output] {
        defer { heldBack = nil }
        return heldBack.map { [.send($0)] } ?? []
    }

    private mutating func output(_ frame: [UInt8], _ fault: FaultRule.EventFault?) -> [Output] {
        // What was held back follows this frame, whatever happens to it.
        let late = heldBack.map { [Output.send($0)] } ?? []
        let isGlued = isGluing
        heldBack = nil
        isGluing = false
        switch fault {
        case nil where isGlued: return [.send(late.flatMap(\.bytes) + frame)]
        case nil: return [.send(frame)] + late
        case .drop: return late
        case .duplicate: return [.send(frame), .send(frame)] + late
        case .swap, .glue:
            heldBack = frame
            isGluing = fault == .glue
            return late
        case .replay(let count): return [.send(frame)] + history.suffix(count).map { .send($0) } + late
        case .delay(let time): return [.wait(time), .send(frame)] + late
        case .cut(let count): return [.breakAfter(Array(frame.prefix(count)))]
        case .cutAt(let share): return [.breakAfter(Array(frame.prefix(Int(Double(frame.count) * share))))]
        case .trickle: return [.trickle(frame)] + late
        case .garbage: return [.send(Array("{\"type\":\"ADDED\",\"object\":{\n".utf8))] + late
        case .unknown: return [.send(Array(#"{"type":"FUTURE","object":{"a":1}}"#.utf8) + [0x0A]), .send(frame)] + late
        case .error(let answer):
            return [.send(Array(#"{"type":"ERROR","object":\#(answer.body)}"#.utf8) + [0x0A]), .end]
        case .silence: return [.fallSilent]
        case .end: return [.send(frame), .end]
        }
    }

    /// The event's type; the API server writes it first.
    private static func type(of frame: [UInt8]) -> String {
        let start = Array(#"{"type":""#.utf8)
        guard frame.starts(with: start) else { return "" }
        return String(decoding: frame.dropFirst(start.count).prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }
}

extension WatchTap.Output {
    fileprivate var bytes: [UInt8] {
        guard case .send(let bytes) = self else { return [] }
        return bytes
    }
}
