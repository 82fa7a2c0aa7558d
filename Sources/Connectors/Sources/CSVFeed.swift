// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Joins small pieces from the network, so that each hop to the thread that reads them is worth it.
struct CSVFeed {
    private static let pieceSize = 256 * 1024

    private let job: CSVReadJob
    private var collected = Data()

    init(_ job: CSVReadJob) { self.job = job }

    /// Takes the next piece.
    mutating func add(_ piece: Data) async throws(ConnectorError) {
        collected.append(piece)
        if collected.count >= Self.pieceSize { try await flush() }
    }

    /// Hands over what is left.
    mutating func flush() async throws(ConnectorError) {
        let ready = collected
        collected = Data()
        try await job.feed(ready)
    }
}
