// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A value that several tasks of a test change.
package final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    /// Begins with a value.
    package init(_ value: Value) { self.value = Mutex(value) }

    /// Reads or changes the value while nobody else does.
    package func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result { value.withLock { body(&$0) } }
}
