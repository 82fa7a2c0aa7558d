// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Synchronization

extension StepContext {
    /// Rows between two lines of progress.
    private static let rowsPerReport = 250_000

    /// Reports how many rows a source has given, now and then; it may be called from any thread.
    func rowReport() -> @Sendable (_ rows: Int) -> Void {
        let reported = Mutex(0)
        return { [self] rows in
            let isDue = reported.withLock { last in
                guard rows - last >= Self.rowsPerReport else { return false }
                last = rows
                return true
            }
            if isDue { report(.prepare, "reading: \(rows) rows", rows: rows) }
        }
    }
}
