// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A timestamp in the form of old writers.
package struct Int96: Sendable, Equatable, BitwiseCopyable {
    /// Nanoseconds of the day.
    package var nanoseconds: UInt64
    /// The day by Julian count; 2440588 is 1970-01-01.
    package var julianDay: UInt32

    /// Makes a value.
    package init(nanoseconds: UInt64, julianDay: UInt32) {
        self.nanoseconds = nanoseconds
        self.julianDay = julianDay
    }
}

/// Byte strings, one a row; equal ones may share their bytes.
package struct ParquetTexts: Sendable {
    /// Where a row's bytes lie.
    struct Extent: BitwiseCopyable {
        var start: Int
        var count: Int
    }

    var extents: [Extent]
    var pool: [UInt8]

    init(extents: [Extent], pool: [UInt8]) {
        self.extents = extents
        self.pool = pool
    }

    /// Gathers byte strings, for the writer.
    package init(_ texts: [[UInt8]]) {
        extents = []
        pool = []
        for text in texts {
            extents.append(Extent(start: pool.count, count: text.count))
            pool += text
        }
    }

    /// How many rows there are.
    package var count: Int { extents.count }

    /// The bytes of a row; none where the value is missing.
    package subscript(row: Int) -> ArraySlice<UInt8> {
        let extent = extents[row]
        return pool[extent.start..<extent.start + extent.count]
    }
}

/// The values of a column for a number of rows.
package struct ParquetValues: Sendable {
    /// One value a row in the column's physical type; zero or empty where it is missing.
    package enum Storage: Sendable {
        /// Of boolean columns.
        case booleans([Bool])
        /// Of integers of up to 32 bits, dates, times in milliseconds, small decimals.
        case int32([Int32])
        /// Of longer integers, timestamps, decimals.
        case int64([Int64])
        /// Of old timestamps.
        case int96([Int96])
        /// Of single precision.
        case floats([Float])
        /// Of double precision.
        case doubles([Double])
        /// Of strings, bytes, half precision and large decimals.
        case texts(ParquetTexts)
    }

    /// The column they belong to.
    package let column: ParquetColumn
    /// The values.
    package let storage: Storage
    /// Whether each row has a value; nil where all do.
    package let isPresent: [Bool]?

    /// Values as the writer takes them.
    package init(column: ParquetColumn, storage: Storage, isPresent: [Bool]? = nil) {
        self.column = column
        self.storage = storage
        self.isPresent = isPresent
    }

    /// How many rows there are.
    package var count: Int {
        switch storage {
        case .booleans(let values): values.count
        case .int32(let values): values.count
        case .int64(let values): values.count
        case .int96(let values): values.count
        case .floats(let values): values.count
        case .doubles(let values): values.count
        case .texts(let values): values.count
        }
    }
}
