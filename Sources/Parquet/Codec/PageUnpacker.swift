// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import CSnappy
internal import CZlib
internal import CZstd

/// Unpacks pages of one codec into one buffer, which grows to the largest of them.
struct PageUnpacker: ~Copyable {
    private let codec: ParquetCodec
    private var output: UnsafeMutableRawBufferPointer
    private let zstd: OpaquePointer?

    init(_ codec: ParquetCodec) {
        self.codec = codec
        output = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        zstd = codec == .zstd ? ZSTD_createDCtx() : nil
    }

    deinit {
        output.deallocate()
        // Takes nil as well.
        ZSTD_freeDCtx(zstd)
    }

    /// The unpacked bytes, which are valid until the next call.
    ///
    /// `size` is what the page's header claims and the limits allow; any other number of bytes is an error.
    mutating func unpack(
        _ packed: UnsafeRawBufferPointer,
        size: Int
    ) throws(ParquetProblem) -> UnsafeRawBufferPointer {
        guard codec != .uncompressed else {
            guard packed.count == size else {
                throw .damaged("the page has \(packed.count) bytes and claims \(size), without being packed")
            }
            return packed
        }
        if size == 0 { return UnsafeRawBufferPointer(start: nil, count: 0) }
        try checkClaim(packed, size: size)
        if output.count < size {
            output.deallocate()
            output = .allocate(byteCount: size, alignment: 16)
        }
        let target = UnsafeMutableRawBufferPointer(rebasing: output[..<size])
        switch codec {
        case .uncompressed: break
        case .snappy: try unpackSnappy(packed, into: target)
        case .gzip: try unpackGzip(packed, into: target)
        case .zstd: try unpackZstd(packed, into: target)
        }
        return UnsafeRawBufferPointer(target)
    }

    /// Refuses, before any memory is asked for, what packed data cannot grow to. zstd tells nothing of that kind.
    private func checkClaim(_ packed: UnsafeRawBufferPointer, size: Int) throws(ParquetProblem) {
        switch codec {
        case .uncompressed, .zstd: break
        case .snappy:
            var length = 0
            guard snappy_uncompressed_length(packed.chars, packed.count, &length) == SNAPPY_OK else {
                throw .damaged("its Snappy data is corrupt")
            }
            guard length == size else {
                throw .damaged("its Snappy data has \(length) bytes where the page claims \(size)")
            }
            // A copy makes at most 64 bytes of three.
            if size / 32 > packed.count { throw .damaged("its Snappy data cannot grow to \(size) bytes") }
        case .gzip:
            // Deflate makes at most 258 bytes of two bits.
            if size / 1040 > packed.count { throw .damaged("its gzip data cannot grow to \(size) bytes") }
        }
    }

    private func unpackSnappy(
        _ packed: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer
    ) throws(ParquetProblem) {
        var length = target.count
        let status = snappy_uncompress(
            packed.chars,
            packed.count,
            target.bindMemory(to: CChar.self).baseAddress,
            &length
        )
        guard status == SNAPPY_OK, length == target.count else { throw .damaged("its Snappy data is corrupt") }
    }

    private func unpackZstd(
        _ packed: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer
    ) throws(ParquetProblem) {
        guard let zstd else { throw .tooLarge("zstd got no memory") }
        let length = ZSTD_decompressDCtx(zstd, target.baseAddress, target.count, packed.baseAddress, packed.count)
        guard ZSTD_isError(length) == 0 else {
            throw .damaged("its zstd data is corrupt: \(String(cString: ZSTD_getErrorName(length)))")
        }
        guard length == target.count else {
            throw .damaged("its zstd data has \(length) bytes where the page claims \(target.count)")
        }
    }

    /// gzip as the format has it, several members included; some writers make zlib's form instead.
    private func unpackGzip(
        _ packed: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer
    ) throws(ParquetProblem) {
        var stream = z_stream()
        guard almanac_inflate_init_any(&stream) == Z_OK else { throw .tooLarge("zlib got no memory") }
        defer { inflateEnd(&stream) }
        guard let input = UInt32(exactly: packed.count), let room = UInt32(exactly: target.count) else {
            throw .tooLarge("its gzip data has more than 4 GiB")
        }
        stream.next_in = UnsafeMutablePointer(mutating: packed.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = input
        stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = room
        var status = inflate(&stream, Z_FINISH)
        while status == Z_STREAM_END, stream.avail_in > 0, stream.avail_out > 0 {
            guard inflateReset(&stream) == Z_OK else { break }
            status = inflate(&stream, Z_FINISH)
        }
        guard status == Z_STREAM_END, stream.avail_out == 0 else {
            let detail = stream.msg.map { ": " + String(cString: $0) } ?? ""
            throw .damaged("its gzip data is corrupt or of another size than the page claims\(detail)")
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes as C's `char`s, for libraries that say so.
    fileprivate var chars: UnsafePointer<CChar>? { bindMemory(to: CChar.self).baseAddress }
}
