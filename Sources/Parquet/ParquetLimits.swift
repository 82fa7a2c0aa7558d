// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How much a file may ask for.
///
/// Sizes in a file are claims of whoever wrote it; nothing is allocated on a claim beyond these.
package struct ParquetLimits: Sendable, Equatable {
    /// The largest footer in bytes.
    package var footerBytes: Int
    /// The largest page in bytes, packed or not.
    package var pageBytes: Int
    /// The most rows of one row group.
    package var rowGroupRows: Int
    /// The most bytes that the texts of one column of one row group may take.
    package var textBytes: Int

    /// Limits far above what writers make: a footer of 256 MiB, pages of 512 MiB, row groups of 64 Mi rows and texts
    /// of 1 GiB.
    package init(
        footerBytes: Int = 256 << 20,
        pageBytes: Int = 512 << 20,
        rowGroupRows: Int = 64 << 20,
        textBytes: Int = 1 << 30
    ) {
        self.footerBytes = footerBytes
        self.pageBytes = pageBytes
        self.rowGroupRows = rowGroupRows
        self.textBytes = textBytes
    }
}
