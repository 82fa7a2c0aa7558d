// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// An address to listen on: `0.0.0.0:8080`, `[::]:8080` or `:8080`.
struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// The address without brackets.
    var host: String
    /// The port; 0 for any that is free.
    var port: Int

    /// Reads an address; nil where it is none.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        self.host = host.isEmpty ? "0.0.0.0" : String(host)
        self.port = Int(port)
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
