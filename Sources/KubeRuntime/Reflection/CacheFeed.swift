// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore

/// A `Reflector` of whatever kind of object.
package protocol CacheFeed: Sendable {
    /// What it reflects.
    var resource: ResourceType { get }
    /// How long the API server has been silent about it.
    var silence: Duration { get }
    /// Lists and watches until the task is cancelled.
    func run() async
}
