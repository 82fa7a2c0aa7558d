// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Pages of byte strings, of any length or of one.
///
/// Values are places in a pool of bytes, so those of a dictionary are stored once however often they occur.
struct TextPages: PageValues {
    static var blank: ParquetTexts.Extent { ParquetTexts.Extent(start: 0, count: 0) }

    /// The length of every value; nil where each has its own.
    let length: Int?
    /// The most bytes that the pool may take.
    let limit: Int
    private(set) var pool: [UInt8] = []
    private(set) var dictionary: [ParquetTexts.Extent]?

    init(length: Int?, limit: Int) {
        self.length = length
        self.limit = limit
    }

    mutating func takeDictionary(_ bytes: UnsafeRawBufferPointer, count: Int) throws(ParquetProblem) {
        // A value takes a byte at least, so no claim makes this large.
        guard count <= bytes.count else {
            throw .damaged("it has \(bytes.count) bytes for \(count) values")
        }
        var entries = Array(repeating: Self.blank, count: count)
        try entries.withUnsafeMutableBufferPointer { entries throws(ParquetProblem) in
            guard let entries = entries.baseAddress else { return }
            try decode(.plain, bytes, count: count, into: entries)
        }
        dictionary = entries
    }

    mutating func decode(
        _ encoding: PageEncoding,
        _ bytes: UnsafeRawBufferPointer,
        count: Int,
        into target: UnsafeMutablePointer<ParquetTexts.Extent>
    ) throws(ParquetProblem) {
        switch (encoding, length) {
        case (.plain, nil): try decodePlain(bytes, count, into: target)
        case (.plain, let length?):
            try reserve(bytes, count, length)
            place(count, length, into: target)
            pool.append(contentsOf: bytes.prefix(count * length))
        case (.byteStreamSplit, let length?):
            try reserve(bytes, count, length)
            place(count, length, into: target)
            let joined = [UInt8](unsafeUninitializedCapacity: count * length) { joined, made in
                guard let start = UnsafeMutableRawPointer(joined.baseAddress) else { return }
                ByteStreamSplit.join(bytes, count: count, size: length, into: start)
                made = count * length
            }
            pool += joined
        case (.deltaLengthByteArray, nil): _ = try decodeLengths(bytes, count, into: target)
        case (.deltaByteArray, _): try decodePrefixes(bytes, count, into: target)
        default: throw Self.unexpected(encoding, of: "byte array")
        }
        if let length, (0..<count).contains(where: { target[$0].count != length }) {
            throw .damaged("a value has not the \(length) bytes that all have")
        }
    }

    private func reserve(
        _ bytes: UnsafeRawBufferPointer,
        _ count: Int,
        _ length: Int
    ) throws(ParquetProblem) {
        guard bytes.count / length >= count else {
            throw .damaged("it has \(bytes.count) bytes for \(count) values of \(length) bytes")
        }
        try checkRoom(count * length)
    }

    private func checkRoom(_ more: Int) throws(ParquetProblem) {
        guard more <= limit - pool.count else { throw .tooLarge("the column's texts take more than \(limit) bytes") }
    }

    private func place(_ count: Int, _ length: Int, into target: UnsafeMutablePointer<ParquetTexts.Extent>) {
        for index in 0..<count {
            target[index] = ParquetTexts.Extent(start: pool.count + index * length, count: length)
        }
    }

    private mutating func decodePlain(
        _ bytes: UnsafeRawBufferPointer,
        _ count: Int,
        into target: UnsafeMutablePointer<ParquetTexts.Extent>
    ) throws(ParquetProblem) {
        try checkRoom(bytes.count)
        let base = pool.count
        var cursor = ByteCursor(bytes)
        for index in 0..<count {
            let length = Int(try cursor.littleEndian(UInt32.self))
            let start = base + cursor.position
            _ = try cursor.take(length)
            target[index] = ParquetTexts.Extent(start: start, count: length)
        }
        pool.append(contentsOf: bytes)
    }

    /// Lengths as differences, then all bytes. Returns where the last value ends.
    private mutating func decodeLengths(
        _ bytes: UnsafeRawBufferPointer,
        _ count: Int,
        into target: UnsafeMutablePointer<ParquetTexts.Extent>
    ) throws(ParquetProblem) -> Int {
        let (lengths, size) = try Self.lengths(bytes, count)
        var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: bytes[size...]))
        try checkRoom(cursor.remaining)
        let base = pool.count
        for index in 0..<count {
            target[index] = ParquetTexts.Extent(start: base + cursor.position, count: lengths[index])
            _ = try cursor.take(lengths[index])
        }
        pool.append(contentsOf: cursor.bytes.prefix(cursor.position))
        return size + cursor.position
    }

    /// How many bytes each value shares with the one before it, then the bytes that it does not share.
    private mutating func decodePrefixes(
        _ bytes: UnsafeRawBufferPointer,
        _ count: Int,
        into target: UnsafeMutablePointer<ParquetTexts.Extent>
    ) throws(ParquetProblem) {
        let (prefixes, size) = try Self.lengths(bytes, count)
        let rest = UnsafeRawBufferPointer(rebasing: bytes[size...])
        let (suffixes, suffixSize) = try Self.lengths(rest, count)
        var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: rest[suffixSize...]))
        var last = Self.blank
        for index in 0..<count {
            let prefix = prefixes[index]
            guard (0...last.count).contains(prefix) else {
                throw .damaged("a value begins with \(prefix) bytes of one that has \(last.count)")
            }
            let suffix = try cursor.take(suffixes[index])
            try checkRoom(prefix + suffix.count)
            let start = pool.count
            pool.append(contentsOf: pool[last.start..<last.start + prefix])
            pool.append(contentsOf: suffix)
            last = ParquetTexts.Extent(start: start, count: prefix + suffix.count)
            target[index] = last
        }
    }

    /// Decodes a list of lengths, and returns it with the number of bytes it took.
    private static func lengths(
        _ bytes: UnsafeRawBufferPointer,
        _ count: Int
    ) throws(ParquetProblem) -> ([Int], Int) {
        var deltas = try DeltaDecoder(bytes, limit: count)
        guard deltas.count == count else {
            throw .damaged("it has \(deltas.count) lengths where the page claims \(count)")
        }
        var lengths = Array(repeating: 0, count: count)
        let size = try lengths.withUnsafeMutableBufferPointer { lengths throws(ParquetProblem) in
            guard let lengths = lengths.baseAddress else { return 0 }
            return try deltas.decode(into: lengths)
        }
        return (lengths, size)
    }
}
