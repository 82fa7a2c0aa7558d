// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeClient
package import KubeCore

/// How to read and write one lease.
package struct LeaseClient: Sendable {
    /// Which lease it is.
    package var key: ObjectKey
    /// Reads it; nil where there is none.
    package var read: @Sendable () async throws -> Lease?
    /// Creates it; nil where somebody else was quicker.
    package var create: @Sendable (Lease) async throws -> Lease?
    /// Replaces it if it is still at the version that it carries; nil where it is not.
    package var replace: @Sendable (Lease) async throws -> Lease?

    /// Makes one from closures.
    package init(
        key: ObjectKey,
        read: @escaping @Sendable () async throws -> Lease?,
        create: @escaping @Sendable (Lease) async throws -> Lease?,
        replace: @escaping @Sendable (Lease) async throws -> Lease?
    ) {
        self.key = key
        self.read = read
        self.create = create
        self.replace = replace
    }

    /// Reads and writes a lease at an API server.
    ///
    /// The client should have a transport of its own, so that no other traffic delays a renewal.
    package init(client: KubeClient, lease key: ObjectKey) {
        self.key = key
        read = {
            do {
                return try await client.get(Lease.self, namespace: key.namespace, name: key.name)
            } catch let error as KubeError where error.isNotFound {
                return nil
            }
        }
        create = { lease in
            do {
                return try await client.create(lease)
            } catch let error as KubeError where error.isAlreadyExists || error.isConflict {
                return nil
            }
        }
        replace = { lease in
            do {
                return try await client.replaceLease(lease)
            } catch let error as KubeError where error.isConflict || error.isNotFound {
                return nil
            }
        }
    }
}
