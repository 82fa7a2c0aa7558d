// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore

/// A `Reflector` of whatever kind of object.
package protocol CacheFeed: Sendable {
    /// What it reflects.
    var resource: ResourceType { get }
    /// Whether the whole state was taken over once; it stays true.
    var hasSynced: Bool { get }
    /// How long ago the API server last sent something good about it; with bookmarks that is about every minute.
    var silence: Duration { get }
    /// How long ago anything came out of it: an event, an answer or a failure.
    var idleness: Duration { get }
    /// Lists and watches until the task is cancelled.
    func run() async
}
