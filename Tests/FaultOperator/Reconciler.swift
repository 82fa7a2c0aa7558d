// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeClient
import KubeCore
import KubeRuntime

/// Brings the children of one parent to what it asks for.
struct Reconciler: Sendable {
    static let status = "faults.almanac.dev/status"

    let client: KubeClient
    let parents: Store<ConfigMap>
    let children: Store<ConfigMap>
    let events: EventRecorder
    let options: FaultOperator.Options

    static func parentKey(of child: ConfigMap) -> ObjectKey {
        ObjectKey(namespace: child.metadata.namespace, name: child.metadata.labels?["parent"] ?? "")
    }

    func reconcile(_ call: Reconciliation) async throws -> ReconcileResult {
        if options.pause > .zero { await pause() }
        let known = try await knownChildren(call)
        guard let parent = parents[call.key], parent.metadata.deletionTimestamp == nil else {
            return try await remove(known, call) { $0 == nil }
        }
        let wanted = Int(parent.data?["children"] ?? "") ?? 0
        let value = parent.data?["value"] ?? ""
        let mine = known.filter { $0.metadata.isControlled(by: parent.metadata.uid) }
        // What belongs to an earlier parent of that name, or is too much, goes only if the server agrees about the parent.
        let surplus = known.filter { child in
            !child.metadata.isControlled(by: parent.metadata.uid) || Self.index(of: child) >= wanted
        }
        let afterRemoval = try await remove(surplus, call) { live in
            live?.metadata.uid == parent.metadata.uid && live?.data?["children"] == parent.data?["children"]
        }
        guard surplus.isEmpty else { return afterRemoval }
        for index in 0..<wanted {
            if let child = mine.first(where: { Self.index(of: $0) == index }) {
                if child.data?["value"] != value { try await update(child, value, parent, call) }
            } else {
                try await create(index, value, parent, call)
            }
        }
        try await writeStatus("\(wanted) of \(value)", parent, call)
        return .done
    }

    private func pause() async {
        guard options.isStubborn else {
            try? await Task.sleep(for: options.pause)
            return
        }
        let end = ContinuousClock.now + options.pause
        while ContinuousClock.now < end {
            // A cancelled sleep returns at once.
            if (try? await Task.sleep(for: .milliseconds(10))) == nil { await Task.yield() }
        }
    }

    private func knownChildren(_ call: Reconciliation) async throws -> [ConfigMap] {
        guard call.cacheIsBehind else {
            return children.objects(index: "parent", value: call.key.name).sorted { $0.key < $1.key }
        }
        let selector = ListOptions(labelSelector: "role=child,parent=\(call.key.name)")
        return try await client.list(ConfigMap.self, namespace: call.key.namespace, options: selector).items
    }

    static func index(of child: ConfigMap) -> Int { Int(child.metadata.labels?["index"] ?? "") ?? .max }

    private func child(_ index: Int, _ value: String, _ parent: ConfigMap, name: String? = nil) -> ConfigMap {
        let chance = options.namesByChance ? "\(UInt32.random(in: 0...UInt32.max))" : "\(index)"
        return ConfigMap(
            metadata: ObjectMeta(
                name: name ?? "\(parent.metadata.name)-\(chance)",
                namespace: parent.metadata.namespace,
                labels: ["role": "child", "parent": parent.metadata.name, "index": "\(index)"],
                ownerReferences: parent.controllerReference.map { [$0] }
            ),
            data: ["value": value]
        )
    }

    private func create(_ index: Int, _ value: String, _ parent: ConfigMap, _ call: Reconciliation) async throws {
        let wanted = child(index, value, parent)
        do {
            call.wrote(try await client.create(wanted))
        } catch let error as KubeError where error.isAlreadyExists {
            let name = wanted.metadata.name
            let live = try await client.get(ConfigMap.self, namespace: parent.metadata.namespace, name: name)
            guard live.metadata.isControlled(by: parent.metadata.uid) else {
                // Never taken, never deleted: somebody else's.
                if live.metadata.labels?["role"] == "child" { throw error }
                events.record(.warning, about: parent, reason: "NotOurs", action: "Create", message: "\(name) is there")
                throw TerminalError("\(name) belongs to somebody else")
            }
            call.wrote(live)
            if live.data?["value"] != value { try await update(live, value, parent, call) }
        }
    }

    private func update(_ old: ConfigMap, _ value: String, _ parent: ConfigMap, _ call: Reconciliation) async throws {
        let wanted = child(Self.index(of: old), value, parent, name: old.metadata.name)
        call.wrote(try await client.apply(wanted, fieldManager: "faults"))
    }

    /// Deletes children of whose parent a fresh look says that they have to go, each by its UID.
    ///
    /// Where the server knows another parent than the cache, the key comes up again in any case: if that parent is gone
    /// before the cache gets it, no change tells of it.
    private func remove(
        _ surplus: [ConfigMap],
        _ call: Reconciliation,
        if agrees: (_ live: ConfigMap?) -> Bool
    ) async throws -> ReconcileResult {
        guard !surplus.isEmpty else { return .done }
        guard agrees(try await liveParent(call.key)) else { return .requeueAfter(options.ownWritePatience) }
        for child in surplus {
            let (key, uid) = (child.key, child.metadata.uid)
            do {
                try await client.delete(ConfigMap.self, namespace: key.namespace, name: key.name, uid: uid)
            } catch let error as KubeError where error.isNotFound {
                // Somebody else did it. A conflict is an error: the cache names another object than the server.
            }
            call.deleted(child)
        }
        return .done
    }

    private func liveParent(_ key: ObjectKey) async throws -> ConfigMap? {
        do {
            return try await client.get(ConfigMap.self, namespace: key.namespace, name: key.name)
        } catch let error as KubeError where error.isNotFound {
            return nil
        }
    }

    private func writeStatus(_ text: String, _ parent: ConfigMap, _ call: Reconciliation) async throws {
        guard parent.metadata.annotations?[Self.status] != text else { return }
        // A merge patch creates nothing, and the UID keeps the status of one parent from the next of that name.
        let metadata: [String: JSONValue] = [
            "uid": .string(parent.metadata.uid ?? ""), "annotations": .object([Self.status: .string(text)]),
        ]
        let request = KubeRequest(
            .patch,
            path: "/api/v1/namespaces/\(parent.metadata.namespace ?? "")/configmaps/\(parent.metadata.name)",
            contentType: "application/merge-patch+json",
            body: try KubeJSON.encoder().encode(["metadata": JSONValue.object(metadata)])
        )
        do {
            call.wrote(try await client.send(request, as: ConfigMap.self))
        } catch let error as KubeError where error.isInvalid || error.isNotFound {
            // It is another parent by now; its own change brings the key up again.
        }
        events.record(.normal, about: parent, reason: "Written", action: "Write", message: text)
    }
}
