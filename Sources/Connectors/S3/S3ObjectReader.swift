// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// Reads an object from its first byte to its last, some megabytes a request.
final class S3ObjectReader: ArtifactReader {
    let size: Int
    private let fetch: (Range<Int64>) throws(ForecastingError) -> [UInt8]
    /// What was fetched and not read yet.
    private var bytes: ArraySlice<UInt8> = []
    private var fetched: Int64 = 0
    /// The bytes of a request.
    private static let pieceSize: Int64 = 8 << 20

    /// - Parameter fetch: Gets the bytes of a range, all of them.
    init(size: Int, fetch: @escaping (Range<Int64>) throws(ForecastingError) -> [UInt8]) {
        self.size = size
        self.fetch = fetch
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ForecastingError) {
        var rest = buffer
        while !rest.isEmpty {
            if bytes.isEmpty {
                let end = min(fetched + Self.pieceSize, Int64(size))
                guard end > fetched else {
                    throw .storeUnreachable(reason: "the object has no more than \(size) bytes")
                }
                bytes = try fetch(fetched..<end)[...]
                fetched = end
            }
            let piece = bytes.prefix(rest.count)
            piece.withUnsafeBytes { rest.copyMemory(from: $0) }
            bytes = bytes.dropFirst(piece.count)
            rest = UnsafeMutableRawBufferPointer(rebasing: rest[piece.count...])
        }
    }
}
