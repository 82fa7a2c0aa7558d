// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// A run of the pipeline that exists, as far as a schedule has to know it.
package struct ScheduledRun: Sendable, Hashable {
    package let name: String
    /// The instant that it was started for; nil for a run that no schedule started.
    package let scheduledTime: Date?
    /// Whether it has not yet ended.
    package let isActive: Bool

    package init(name: String, scheduledTime: Date?, isActive: Bool) {
        self.name = name
        self.scheduledTime = scheduledTime
        self.isActive = isActive
    }
}
