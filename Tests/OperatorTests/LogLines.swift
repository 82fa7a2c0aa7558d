// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// Keeps what is logged.
final class LogLines: LogHandler {
    private let lines = Mutex("")
    private let settings = Mutex((level: Logger.Level.trace, metadata: Logger.Metadata()))

    /// All that was logged, with its metadata.
    var text: String { lines.withLock { $0 } }

    var logLevel: Logger.Level {
        get { settings.withLock { $0.level } }
        set { settings.withLock { $0.level = newValue } }
    }

    var metadata: Logger.Metadata {
        get { settings.withLock { $0.metadata } }
        set { settings.withLock { $0.metadata = newValue } }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { settings.withLock { $0.metadata[key] = newValue } }
    }

    func log(event: LogEvent) {
        let line = "\(event.level) \(event.message) \(metadata) \(event.metadata ?? [:])\n"
        lines.withLock { $0 += line }
    }
}
