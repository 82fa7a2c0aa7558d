// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import CSnappy
internal import CZlib
internal import CZstd

extension ParquetCodec {
    /// zstd's own default.
    private static let zstdLevel: Int32 = 3

    /// Packs a page.
    func pack(_ page: [UInt8]) throws(ParquetError) -> [UInt8] {
        switch self {
        case .uncompressed: page
        case .snappy: try Self.packed(page, capacity: snappy_max_compressed_length(page.count), Self.snappy)
        case .gzip: try Self.packed(page, capacity: Int(compressBound(UInt(page.count))) + 32, Self.gzip)
        case .zstd: try Self.packed(page, capacity: ZSTD_compressBound(page.count), Self.zstd)
        }
    }

    /// Calls a packer that returns how many bytes it made, or nil.
    private static func packed(
        _ page: [UInt8],
        capacity: Int,
        _ pack: (UnsafeBufferPointer<UInt8>, UnsafeMutableBufferPointer<UInt8>) -> Int?
    ) throws(ParquetError) -> [UInt8] {
        var isPacked = false
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
            let made = page.withUnsafeBufferPointer { pack($0, output) }
            isPacked = made != nil
            count = made ?? 0
        }
        guard isPacked else { throw .unwritable(reason: "a page of \(page.count) bytes could not be packed") }
        return bytes
    }

    private static func snappy(_ page: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>) -> Int?
    {
        var length = output.count
        let status = page.withMemoryRebound(to: CChar.self) { page in
            output.withMemoryRebound(to: CChar.self) { output in
                snappy_compress(page.baseAddress, page.count, output.baseAddress, &length)
            }
        }
        return status == SNAPPY_OK ? length : nil
    }

    private static func zstd(_ page: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        let length = ZSTD_compress(output.baseAddress, output.count, page.baseAddress, page.count, zstdLevel)
        return ZSTD_isError(length) == 0 ? length : nil
    }

    private static func gzip(_ page: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        var stream = z_stream()
        guard almanac_deflate_init_gzip(&stream, Z_DEFAULT_COMPRESSION) == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        guard let input = UInt32(exactly: page.count), let room = UInt32(exactly: output.count) else { return nil }
        stream.next_in = UnsafeMutablePointer(mutating: page.baseAddress)
        stream.avail_in = input
        stream.next_out = output.baseAddress
        stream.avail_out = room
        guard deflate(&stream, Z_FINISH) == Z_STREAM_END else { return nil }
        return output.count - Int(stream.avail_out)
    }
}
