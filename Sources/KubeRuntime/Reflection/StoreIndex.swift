// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore

/// A way to find objects other than by their key.
package struct StoreIndex<Object: KubeObject>: Sendable {
    /// The index's name, unique in its store.
    package var name: String
    /// The values under which an object is found.
    package var values: @Sendable (Object) -> [String]

    /// Makes an index.
    package init(name: String, values: @escaping @Sendable (Object) -> [String]) {
        self.name = name
        self.values = values
    }

    /// Finds objects by the UID of the owner that controls them.
    package static var controllerUID: StoreIndex {
        StoreIndex(name: "controllerUID") { $0.metadata.controller.map { [$0.uid] } ?? [] }
    }

    /// Finds objects by the value of a label; the index has the label's name.
    package static func label(_ label: String) -> StoreIndex {
        StoreIndex(name: label) { $0.metadata.labels?[label].map { [$0] } ?? [] }
    }
}
