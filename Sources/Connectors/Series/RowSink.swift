// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Forecasting

/// Takes rows while they are read, some at a time in the order of the source, so that they are never all in memory.
///
/// It is called on a thread that may block, by one read at a time. Rows of a read that fails later were taken, too.
package typealias RowSink = @Sendable (_ rows: SeriesRows) -> Void
