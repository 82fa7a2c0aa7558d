// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore

/// A state of an object that caches, changes and readers share.
///
/// Objects are values of a kilobyte or two before their texts. A store, each of its subscriptions and each batch would
/// hold copies of their own in tables with room to grow; so they all hold this one.
package final class Cached<Object: KubeObject>: Sendable, Equatable {
    /// The object.
    package let object: Object

    /// Keeps an object.
    package init(_ object: Object) { self.object = object }

    package static func == (left: Cached, right: Cached) -> Bool { left === right || left.object == right.object }
}
