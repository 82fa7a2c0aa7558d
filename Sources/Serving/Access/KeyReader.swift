// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Reads a folder of keys, and says so when it finds something else than the time before.
struct KeyReader {
    let folder: String
    private var last: Result<KeyRing, ServingError>?

    init(folder: String) { self.folder = folder }

    /// The keys, or why they cannot be read; nil where that is as it was.
    mutating func next() -> Result<KeyRing, ServingError>? {
        let found = Result { () throws(ServingError) in try KeyRing(folder: folder) }
        guard found != last else { return nil }
        last = found
        return found
    }
}
