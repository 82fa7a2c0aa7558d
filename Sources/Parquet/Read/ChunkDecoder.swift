// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Decodes the pages of a column's part of a row group.
struct ChunkDecoder<Pages: PageValues>: ~Copyable {
    private let column: ParquetColumn
    private let limits: ParquetLimits
    private let rows: Int
    private var unpacker: PageUnpacker
    private var pages: Pages
    /// Flags from the first row that lacks a value on; empty before there is one.
    private var isPresent: [Bool] = []
    private var done = 0

    init(_ pages: Pages, column: ParquetColumn, codec: ParquetCodec, rows: Int, limits: ParquetLimits) {
        self.pages = pages
        self.column = column
        self.rows = rows
        self.limits = limits
        unpacker = PageUnpacker(codec)
    }

    /// What a part was decoded to.
    struct Decoded {
        var values: [Pages.Value]
        var isPresent: [Bool]?
        var pages: Pages
    }

    /// Decodes all pages. `place` is the part's; errors get their page.
    consuming func decode(
        _ bytes: UnsafeRawBufferPointer,
        place: ParquetPlace
    ) throws(ParquetError) -> Decoded {
        var failure: ParquetError?
        var decoder = self
        // Not touched before pages have been decoded, so a false claim costs no memory.
        let values = [Pages.Value](unsafeUninitializedCapacity: decoder.rows) { buffer, count in
            do throws(ParquetError) {
                if let target = buffer.baseAddress { try decoder.fill(target, bytes, place: place) }
                count = decoder.done
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return Decoded(
            values: values,
            isPresent: decoder.isPresent.isEmpty ? nil : decoder.isPresent,
            pages: decoder.pages
        )
    }

    private mutating func fill(
        _ target: UnsafeMutablePointer<Pages.Value>,
        _ bytes: UnsafeRawBufferPointer,
        place: ParquetPlace
    ) throws(ParquetError) {
        var rest = bytes
        var place = place
        place.page = 0
        while done < rows {
            do throws(ParquetProblem) {
                var reader = ThriftReader(rest)
                let header = try PageHeader(&reader)
                var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: rest[reader.position...]))
                let page = try cursor.take(Int(header.packedBytes))
                guard Int(header.unpackedBytes) <= limits.pageBytes else {
                    throw .tooLarge("the page claims \(header.unpackedBytes) bytes, more than \(limits.pageBytes)")
                }
                if let checksum = header.checksum, checksum != PageChecksum.of(page) {
                    throw .damaged("its checksum is wrong")
                }
                try take(header, page, target)
                rest = cursor.rest
            } catch {
                throw place.error(error)
            }
            place.page = (place.page ?? 0) + 1
        }
    }

    private mutating func take(
        _ header: PageHeader,
        _ page: UnsafeRawBufferPointer,
        _ target: UnsafeMutablePointer<Pages.Value>
    ) throws(ParquetProblem) {
        let size = Int(header.unpackedBytes)
        switch header.content {
        case .other: break
        case .dictionary(let count, let encoding):
            guard encoding == PageEncoding.plain.rawValue || encoding == PageEncoding.plainDictionary.rawValue else {
                throw .unsupported("a dictionary in encoding \(encoding)")
            }
            guard count >= 0 else { throw .damaged("a dictionary claims \(count) values") }
            guard pages.dictionary == nil else { throw .damaged("there is a second dictionary") }
            try pages.takeDictionary(try unpacker.unpack(page, size: size), count: Int(count))
        case .data(let count, let encoding, let levelEncoding):
            guard !column.isOptional || levelEncoding == PageEncoding.rle.rawValue else {
                throw .unsupported("levels in encoding \(levelEncoding)")
            }
            var cursor = ByteCursor(try unpacker.unpack(page, size: size))
            var levels: UnsafeRawBufferPointer?
            if column.isOptional { levels = try cursor.take(Int(try cursor.littleEndian(UInt32.self))) }
            try takeRows(count, levels: levels, encoding, cursor.rest, target)
        case .dataV2(let facts):
            var cursor = ByteCursor(page)
            _ = try cursor.take(Int(facts.repetitionBytes))
            let levels = try cursor.take(Int(facts.definitionBytes))
            let unpacked = size - Int(facts.repetitionBytes) - Int(facts.definitionBytes)
            guard unpacked >= 0 else { throw .damaged("the page is smaller than its levels") }
            let values = facts.isCompressed ? try unpacker.unpack(cursor.rest, size: unpacked) : cursor.rest
            try takeRows(facts.count, levels: column.isOptional ? levels : nil, facts.encoding, values, target)
        }
    }

    /// Decodes the rows of one page.
    private mutating func takeRows(
        _ claimed: Int32,
        levels: UnsafeRawBufferPointer?,
        _ encoding: Int32,
        _ bytes: UnsafeRawBufferPointer,
        _ target: UnsafeMutablePointer<Pages.Value>
    ) throws(ParquetProblem) {
        guard claimed >= 0, Int(claimed) <= rows - done else {
            throw .damaged("the page claims \(claimed) rows where \(rows - done) are left")
        }
        guard let encoding = PageEncoding(rawValue: encoding) else { throw .unsupported("the encoding \(encoding)") }
        let count = Int(claimed)
        let target = target + done
        let present = try takeLevels(levels, count)
        if present > 0 {
            switch encoding {
            case .rleDictionary, .plainDictionary: try pages.decodeIndexes(bytes, count: present, into: target)
            default: try pages.decode(encoding, bytes, count: present, into: target)
            }
        }
        if present < count { spread(target, count, present) }
        done += count
    }

    /// Notes which of the next rows have values and returns how many do.
    private mutating func takeLevels(
        _ levels: UnsafeRawBufferPointer?,
        _ count: Int
    ) throws(ParquetProblem) -> Int {
        guard let levels, count > 0 else { return count }
        var decoder = try HybridDecoder(levels, width: 1)
        if try decoder.uniform(count) == 1 {
            if !isPresent.isEmpty { isPresent.append(contentsOf: repeatElement(true, count: count)) }
            return count
        }
        decoder = try HybridDecoder(levels, width: 1)
        // The rows before the first one without a value.
        if isPresent.isEmpty { isPresent = Array(repeating: true, count: done) }
        let page = try decoder.flags(count)
        isPresent += page
        return page.reduce(0) { $0 + ($1 ? 1 : 0) }
    }

    /// Moves the values that are there, which lie together, to their rows.
    private func spread(_ target: UnsafeMutablePointer<Pages.Value>, _ count: Int, _ present: Int) {
        let first = done
        isPresent.withUnsafeBufferPointer { isPresent in
            var source = present
            for row in stride(from: count - 1, through: 0, by: -1) {
                if isPresent[first + row] {
                    source -= 1
                    target[row] = target[source]
                } else {
                    target[row] = Pages.blank
                }
            }
        }
    }
}
