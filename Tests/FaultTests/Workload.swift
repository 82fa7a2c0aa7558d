// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeClient
import KubeCore

/// What a test asks of the operator, and what must be there in the end.
struct Workload: Sendable {
    /// What a parent asks for.
    struct Parent: Sendable, Equatable {
        var children: Int
        var value: String
    }

    /// The parents as they are to be now.
    private(set) var parents: [String: Parent] = [:]
    let client: KubeClient
    let namespace: String

    init(client: KubeClient, namespace: String) {
        self.client = client
        self.namespace = namespace
    }

    /// Creates a parent or changes what it asks for.
    mutating func apply(_ name: String, _ children: Int, _ value: String) async throws {
        let map = ConfigMap(
            metadata: ObjectMeta(name: name, namespace: namespace, labels: ["role": "parent"]),
            data: ["children": "\(children)", "value": value]
        )
        _ = try await client.apply(map, fieldManager: "test")
        parents[name] = Parent(children: children, value: value)
    }

    mutating func delete(_ name: String) async throws {
        try await client.delete(ConfigMap.self, namespace: namespace, name: name)
        parents[name] = nil
    }

    /// The first half: what is there before the operator starts.
    mutating func begin(parents count: Int = 4) async throws {
        for number in 0..<count { try await apply("p\(number)", 3, "a") }
    }

    /// The second half: every kind of change.
    mutating func change() async throws {
        try await apply("p0", 3, "b")
        try await apply("p1", 5, "a")
        try await apply("p2", 1, "a")
        try await delete("p3")
        try await apply("p4", 3, "a")
        try await apply("p5", 2, "a")
        try await delete("p5")
        try await apply("p5", 2, "c")
    }

    /// How many children both halves may create in all: p5 may have had its first ones.
    static let mostCreations = 4 * 3 + 2 + 3 + 2 + 2

    /// What there must be, a line an object, by what children are and not by their names.
    var expected: [String] {
        parents.flatMap { name, parent in
            ["\(name): \(parent.children) of \(parent.value)"]
                + (0..<parent.children).map { "\(name)/\($0): \(parent.value)" }
        }.sorted()
    }

    /// What there is.
    func actual() async throws -> [String] {
        let maps = try await client.list(ConfigMap.self, namespace: namespace).items
        let uids = Dictionary(maps.map { ($0.metadata.name, $0.metadata.uid) }, uniquingKeysWith: { $1 })
        return maps.compactMap { map in
            let labels = map.metadata.labels ?? [:]
            switch labels["role"] {
            case "parent":
                return "\(map.metadata.name): \(map.metadata.annotations?["faults.almanac.dev/status"] ?? "no status")"
            case "child":
                let parent = labels["parent"] ?? ""
                let stray = map.metadata.isControlled(by: uids[parent] ?? nil) ? "" : " of another parent"
                return "\(parent)/\(labels["index"] ?? ""): \(map.data?["value"] ?? "")\(stray)"
            default: return map.metadata.name == "kube-root-ca.crt" ? nil : "\(map.metadata.name): out of nowhere"
            }
        }.sorted()
    }
}
