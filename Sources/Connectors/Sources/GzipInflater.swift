// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import CZlib

/// Unpacks gzip data that comes in pieces, concatenated members included.
///
/// It may cross threads: it cannot be copied, so it is the only owner of zlib's state and of its buffer, and zlib
/// ties neither to a thread.
struct GzipInflater: ~Copyable, @unchecked Sendable {
    private static let outputSize = 256 * 1024

    /// zlib keeps a pointer to the stream inside its own state, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableRawBufferPointer
    /// Whether a member has begun and not ended.
    private var isInsideMember = true
    /// Whether only the zeros may follow with which some programs fill the last block up.
    private var isPadding = false

    /// Throws when zlib cannot get its memory, about 40 KiB.
    init() throws(ConnectorError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(byteCount: Self.outputSize, alignment: 1)
        let status = almanac_inflate_init_gzip(stream)
        guard status == Z_OK else { throw .badData(BadData("zlib cannot start (status \(status))")) }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        output.deallocate()
    }

    /// Whether data begins with the two bytes that mark gzip.
    static func isGzip(_ start: some Collection<UInt8>) -> Bool {
        start.starts(with: [0x1F, 0x8B])
    }

    /// Unpacks a piece and hands the text over in pieces of at most 256 KiB.
    ///
    /// Throws `ConnectorError.badData` when the data is not gzip or is corrupt, and what `sink` throws.
    mutating func inflate(
        _ piece: UnsafeRawBufferPointer,
        to sink: (UnsafeRawBufferPointer) throws(ConnectorError) -> Void
    ) throws(ConnectorError) {
        var rest = piece
        while !rest.isEmpty {
            if !isInsideMember { try beginMember(rest) }
            if isPadding { return }
            rest = try inflateSome(rest, to: sink)
        }
    }

    /// Says that no more pieces come.
    ///
    /// Throws `ConnectorError.badData` when the last member is cut off.
    borrowing func finish() throws(ConnectorError) {
        guard !isInsideMember else { throw .badData(BadData("the gzip data ends too early; the file was cut off")) }
    }

    /// Feeds at most one input buffer to zlib and returns what it left over.
    private mutating func inflateSome(
        _ input: UnsafeRawBufferPointer,
        to sink: (UnsafeRawBufferPointer) throws(ConnectorError) -> Void
    ) throws(ConnectorError) -> UnsafeRawBufferPointer {
        let length = min(input.count, Int(UInt32.max))
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(length)
        var status = Z_OK
        repeat {
            stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            status = CZlib.inflate(stream, Z_NO_FLUSH)
            // Z_BUF_ERROR only says that there was nothing to do.
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                let detail = stream.pointee.msg.map { ": " + String(cString: $0) } ?? ""
                throw .badData(BadData("the gzip data is corrupt\(detail)"))
            }
            let made = output.count - Int(stream.pointee.avail_out)
            if made > 0 { try sink(UnsafeRawBufferPointer(output).bytes(0, made)) }
        } while status == Z_OK && (stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0)
        isInsideMember = status != Z_STREAM_END
        return input.bytes(length - Int(stream.pointee.avail_in), input.count)
    }

    private mutating func beginMember(_ rest: UnsafeRawBufferPointer) throws(ConnectorError) {
        if isPadding || rest[0] == 0 {
            isPadding = true
            guard rest.allSatisfy({ $0 == 0 }) else {
                throw .badData(BadData("the gzip data is followed by something else"))
            }
            return
        }
        let status = inflateReset(stream)
        guard status == Z_OK else { throw .badData(BadData("zlib cannot start again (status \(status))")) }
        isInsideMember = true
    }
}
