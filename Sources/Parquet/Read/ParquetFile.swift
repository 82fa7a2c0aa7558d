// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A Parquet file of a flat schema, opened: its footer is read, its values are not.
package struct ParquetFile: Sendable {
    private static let magic = Array("PAR1".utf8)
    private static let encryptedMagic = Array("PARE".utf8)
    /// Bytes of the end that are read at once; most footers fit, and need no second request then.
    private static let tailBytes: Int64 = 64 << 10

    let input: any ParquetInput
    let metadata: FileMetadata
    let limits: ParquetLimits
    private let size: Int64
    private let schema: FlatSchema

    /// Opens a file.
    /// - Throws: `ParquetError`: `unreadable`; `notParquet`; `damaged`, `unsupported` or `tooLarge` for its footer.
    package init(_ input: any ParquetInput, limits: ParquetLimits = ParquetLimits()) async throws(ParquetError) {
        let size = try await input.size()
        let footer = try await Self.footer(input, size: size, limits)
        try self.init(input, footer: footer, size: size, limits: limits)
    }

    /// Opens a file whose footer has been read.
    init(
        _ input: any ParquetInput,
        footer: [UInt8],
        size: Int64,
        limits: ParquetLimits
    ) throws(ParquetError) {
        self.input = input
        self.limits = limits
        self.size = size
        do throws(ParquetProblem) {
            metadata = try footer.span.withUnsafeBytes { bytes throws(ParquetProblem) in try FileMetadata(bytes) }
            schema = try FlatSchema(metadata.schema)
            try schema.check(metadata)
        } catch {
            throw ParquetPlace(file: input.name).error(error)
        }
    }

    /// The columns that can be read, in the order of the file.
    package var columns: [ParquetColumn] { schema.columns.map(\.column) }

    /// How many rows each row group has.
    package var rowGroups: [Int] { metadata.rowGroups.map { Int($0.rowCount) } }

    /// How many rows there are in all.
    package var rowCount: Int { rowGroups.reduce(0, +) }

    /// Who wrote the file, if it says so.
    package var createdBy: String? { metadata.createdBy }

    /// The column of a name.
    /// - Throws: `ParquetError.columnNotFound`, or `unusableColumn` for a nested one and a name that is there twice.
    package func column(_ name: String) throws(ParquetError) -> ParquetColumn { try leaf(name).column }

    /// Reads columns of one row group, `threads` of them at a time.
    ///
    /// Only the bytes of these columns are read. Takes the memory of their bytes and their values.
    /// - Returns: The columns' values in the order of `names`.
    /// - Throws: `ParquetError`, with row group, column and page.
    package func read(
        rowGroup: Int,
        columns names: [String],
        threads: Int = 1
    ) async throws(ParquetError) -> [ParquetValues] {
        precondition(metadata.rowGroups.indices.contains(rowGroup), "ParquetFile: there is no row group \(rowGroup)")
        var parts: [ColumnPart] = []
        for name in names { parts.append(try part(of: try leaf(name), rowGroup)) }
        guard threads > 1, parts.count > 1 else {
            var values: [ParquetValues] = []
            for part in parts { values.append(try await part.read()) }
            return values
        }
        return try await Self.read(parts, threads: threads)
    }

    private static func read(_ parts: [ColumnPart], threads: Int) async throws(ParquetError) -> [ParquetValues] {
        let results = await withTaskGroup(of: (Int, Result<ParquetValues, ParquetError>).self) { group in
            var results: [Result<ParquetValues, ParquetError>?] = Array(repeating: nil, count: parts.count)
            var next = 0
            func startNext() {
                guard next < parts.count else { return }
                let index = next
                next += 1
                group.addTask { (index, await parts[index].outcome()) }
            }
            for _ in 0..<threads { startNext() }
            while let (index, result) = await group.next() {
                results[index] = result
                // After a failure the rest is not worth starting.
                if case .success = result { startNext() }
            }
            return results
        }
        var values: [ParquetValues] = []
        for case let result? in results { values.append(try result.get()) }
        return values
    }

    /// Checks what the footer says of a part of a column, before anything is read or allocated.
    func part(of leaf: FlatSchema.Leaf, _ rowGroup: Int) throws(ParquetError) -> ColumnPart {
        let place = ParquetPlace(file: input.name, rowGroup: rowGroup, column: leaf.column.name)
        let group = metadata.rowGroups[rowGroup]
        let chunk = group.columns[leaf.index]
        if chunk.isEncrypted { throw .unsupported(place, feature: "an encrypted column") }
        if chunk.filePath != nil { throw .unsupported(place, feature: "a column in another file") }
        guard chunk.isDescribed, chunk.type == leaf.column.physicalType.rawValue else {
            throw .damaged(place, reason: "its type in the row group is not the one in the schema")
        }
        guard let codec = ParquetCodec(rawValue: chunk.codec) else {
            throw .unsupported(place, feature: "the codec \(ParquetCodec.name(of: chunk.codec))")
        }
        guard chunk.valueCount == group.rowCount else {
            throw .damaged(place, reason: "it claims \(chunk.valueCount) values for \(group.rowCount) rows")
        }
        guard group.rowCount <= limits.rowGroupRows else {
            throw .tooLarge(place, what: "it has \(group.rowCount) rows, more than \(limits.rowGroupRows)")
        }
        return ColumnPart(
            input: input,
            column: leaf.column,
            place: place,
            codec: codec,
            range: group.rowCount == 0 ? 0..<0 : try range(of: chunk, place),
            rows: Int(group.rowCount),
            limits: limits
        )
    }

    /// Where the part lies. One without rows lies nowhere.
    private func range(of chunk: ColumnChunkMetadata, _ place: ParquetPlace) throws(ParquetError) -> Range<Int64> {
        let (end, overflows) = chunk.start.addingReportingOverflow(chunk.packedBytes)
        guard chunk.start >= 4, chunk.packedBytes >= 0, !overflows, end <= size - 8 else {
            throw .damaged(place, reason: "it claims to lie outside of the file; is a part of the file missing?")
        }
        return chunk.start..<end
    }

    func leaf(_ name: String) throws(ParquetError) -> FlatSchema.Leaf {
        switch schema.find(name) {
        case .found(let leaf): return leaf
        case .missing:
            throw .columnNotFound(file: input.name, name: name, available: columns.map(\.name))
        case .nested:
            throw .unusableColumn(
                file: input.name,
                name: name,
                reason: "is nested (a list, a map or a structure); only flat columns can be read"
            )
        case .ambiguous:
            throw .unusableColumn(file: input.name, name: name, reason: "is there twice")
        }
    }

    // MARK: Footer

    private static func footer(
        _ input: any ParquetInput,
        size: Int64,
        _ limits: ParquetLimits
    ) async throws(ParquetError) -> [UInt8] {
        guard size >= 12 else {
            throw .notParquet(file: input.name, reason: size == 0 ? "it is empty" : "it has only \(size) bytes")
        }
        let tail = try await input.read(max(0, size - tailBytes)..<size)
        let ending = Array(tail.suffix(4))
        guard ending != encryptedMagic else {
            throw .unsupported(ParquetPlace(file: input.name), feature: "an encrypted file")
        }
        guard ending == magic else {
            let start = try await input.read(0..<4)
            let reason = start == magic ? "its end is missing; is it whole?" : "it does not end with PAR1"
            throw .notParquet(file: input.name, reason: reason)
        }
        var length: Int64 = 0
        for (index, byte) in tail.dropLast(4).suffix(4).enumerated() { length |= Int64(byte) << Int64(8 * index) }
        guard length <= size - 12 else {
            throw .notParquet(file: input.name, reason: "it claims a footer of \(length) bytes and has \(size) in all")
        }
        guard length <= limits.footerBytes else {
            throw .tooLarge(ParquetPlace(file: input.name), what: "its footer has \(length) bytes")
        }
        if length + 8 <= tail.count { return Array(tail.dropLast(8).suffix(Int(length))) }
        return try await input.read(size - 8 - length..<size - 8)
    }
}
