// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import CZlib

/// Packs bytes as one gzip member.
enum GzipDeflater {
    /// The packed bytes.
    ///
    /// It is a computation of some milliseconds a megabyte. Throws when zlib cannot get its memory.
    static func packed(_ bytes: [UInt8]) throws(ConnectorError) -> [UInt8] {
        var stream = z_stream()
        let status = almanac_deflate_init_gzip(&stream, 1)
        guard status == Z_OK else { throw .badData(BadData("zlib cannot start (status \(status))")) }
        defer { deflateEnd(&stream) }
        // zlib takes its input by a pointer to mutable bytes and leaves them as they are.
        var input = bytes
        let capacity = Int(deflateBound(&stream, UInt(bytes.count)))
        var end = Z_OK
        let packed = [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
            input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(capacity)
                end = deflate(&stream, Z_FINISH)
            }
            count = capacity - Int(stream.avail_out)
        }
        guard end == Z_STREAM_END else { throw .badData(BadData("zlib cannot pack (status \(end))")) }
        return packed
    }
}
