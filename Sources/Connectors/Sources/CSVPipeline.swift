// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Bytes of a source, packed or not, on their way to columns.
///
/// Only one thread at a time may feed it.
struct CSVPipeline: ~Copyable {
    private var reader: CSVReader
    private var inflater: GzipInflater?
    /// The first byte, held back when it came alone: two of them tell gzip from text.
    private var start: [UInt8] = []
    private var isStarted = false
    private var expectedBytes: Int?
    private(set) var byteCount: Int64 = 0

    /// - Parameters:
    ///   - wanted: The times of the rows to keep; nil for all rows.
    ///   - threads: How many of them read text at a time.
    init(
        options: CSVOptions,
        selection: CSVSelection,
        wanted: ClosedRange<Int64>?,
        threads: Int
    ) throws(ConnectorError) {
        reader = try CSVReader(options: options, selection: selection, wanted: wanted, threads: threads)
    }

    /// What has been read so far.
    var progress: CSVProgress { CSVProgress(bytes: byteCount, rows: reader.rowCount) }

    /// How many numbers of rows are held.
    var cellCount: Int { reader.cellCount }

    /// Says how many bytes the source has, before the first one comes.
    mutating func expect(_ bytes: Int) { expectedBytes = bytes }

    /// Takes the next piece of the source.
    mutating func feed(_ piece: UnsafeRawBufferPointer) throws(ConnectorError) {
        byteCount += Int64(piece.count)
        guard !isStarted else {
            try pass(piece)
            return
        }
        start.append(contentsOf: piece)
        if start.count >= 2 { try begin() }
    }

    /// Gives the rows away that were read since this was last asked.
    mutating func takeRows() -> CSVTable { reader.takeRows() }

    /// Ends the reading.
    consuming func finish() throws(ConnectorError) -> CSVTable {
        if !isStarted { try begin() }
        if inflater != nil { try inflater?.finish() }
        return try reader.finish()
    }

    private mutating func begin() throws(ConnectorError) {
        isStarted = true
        if GzipInflater.isGzip(start) { inflater = try GzipInflater() } else { reader.expectedBytes = expectedBytes }
        let first = start
        start = []
        try first.span.withUnsafeBytes { buffer throws(ConnectorError) in try pass(buffer) }
    }

    private mutating func pass(_ piece: UnsafeRawBufferPointer) throws(ConnectorError) {
        guard inflater != nil else {
            try reader.feed(piece)
            return
        }
        try inflater?.inflate(piece) { text throws(ConnectorError) in try reader.feed(text) }
    }
}
