// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore
import Testing

struct OwnershipTests {
    struct Node: KubeObject {
        static let resource = ResourceType(group: "", version: "v1", kind: "Node", plural: "nodes", namespaced: false)
        var apiVersion: String?
        var kind: String?
        var metadata: ObjectMeta
    }

    func map(_ name: String, _ namespace: String, uid: String? = nil) -> ConfigMap {
        var map = ConfigMap(metadata: ObjectMeta(name: name, namespace: namespace))
        map.metadata.uid = uid
        return map
    }

    @Test("an owner in the child's namespace or of the cluster is taken, once")
    func allowed() throws {
        var child = map("child", "n")
        try child.setController(map("owner", "n", uid: "u"))
        try child.setController(map("owner", "n", uid: "u"))
        #expect(child.metadata.ownerReferences?.count == 1 && child.metadata.isControlled(by: "u"))
        var node = Node(metadata: ObjectMeta(name: "node"))
        node.metadata.uid = "v"
        var other = map("other", "n")
        try other.setController(node)
        #expect(other.metadata.controller?.kind == "Node")
    }

    @Test("an owner in another namespace, one that is not stored, one that goes, and a second controller are refused")
    func refused() throws {
        var child = map("child", "n")
        let key = child.key
        func expect(_ expected: OwnershipError, _ owner: ConfigMap) {
            #expect(throws: expected) { try child.setController(owner) }
            #expect(!expected.description.isEmpty && child.metadata.ownerReferences == nil)
        }
        let away = map("owner", "elsewhere", uid: "u")
        expect(.otherNamespace(owner: away.key, child: key), away)
        expect(.notStored(owner: map("owner", "n").key), map("owner", "n"))
        var going = map("owner", "n", uid: "u")
        going.metadata.deletionTimestamp = Date()
        expect(.goingAway(owner: going.key), going)
        var owned = map("child", "n")
        try owned.setController(map("first", "n", uid: "1"))
        #expect(throws: OwnershipError.controlled(child: key, by: "ConfigMap first")) {
            try owned.setController(map("second", "n", uid: "2"))
        }
    }

    @Test("an object of the cluster cannot belong to one in a namespace")
    func clusterChild() {
        var node = Node(metadata: ObjectMeta(name: "node"))
        let owner = map("owner", "n", uid: "u")
        #expect(throws: OwnershipError.otherNamespace(owner: owner.key, child: node.key)) {
            try node.setController(owner)
        }
    }

    @Test("what is stored holds what was wanted where all of it is there, whatever else the server has added")
    func holding() {
        let stored: JSONValue = .object([
            "a": .int(1), "list": .array([.object(["x": .int(1), "added": .bool(true)])]), "more": .string("m"),
        ])
        let wanted: JSONValue = .object([
            "a": .double(1), "list": .array([.object(["x": .int(1)])]), "none": .null,
            "empty": .object(["e": .array([])]),
        ])
        #expect(stored.holds(wanted) && stored.holds(stored) && !wanted.holds(stored))
        #expect(!stored.holds(.object(["a": .int(2)])) && !stored.holds(.object(["b": .int(0)])))
        #expect(!stored.holds(.object(["list": .array([])])) && !stored.holds(.array([])))
    }
}
