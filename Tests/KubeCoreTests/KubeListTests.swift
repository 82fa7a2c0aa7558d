// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import KubeCore

struct KubeListTests {
    func decode(_ text: String) throws -> KubeList<ConfigMap> {
        try KubeJSON.decoder().decode(KubeList<ConfigMap>.self, from: Data(text.utf8))
    }

    @Test("an item that cannot be read is reported and costs no other item")
    func skipping() throws {
        let list = try decode(
            #"""
            {"kind":"ConfigMapList","metadata":{"resourceVersion":"9","continue":"t","remainingItemCount":4},"items":[
              {"metadata":{"name":"a","namespace":"n"}},
              {"metadata":{"name":"b","namespace":"n","resourceVersion":"5"},"data":{"k":[1]}},
              7,
              {"metadata":{"name":"c","namespace":"n"}}]}
            """#
        )
        #expect(list.items.map(\.metadata.name) == ["a", "c"])
        #expect(list.items.first?.apiVersion == "v1" && list.items.first?.kind == "ConfigMap")
        #expect(list.resourceVersion == "9" && list.continueToken == "t" && list.remainingItemCount == 4)
        #expect(list.skipped.map(\.key) == [ObjectKey(namespace: "n", name: "b"), nil])
        #expect(list.skipped.first?.resourceVersion == "5")
        #expect(list.skipped.first?.reason.contains("data.k is not") == true)
    }

    @Test("an empty list may be null, and the last page has no token")
    func empty() throws {
        let list = try decode(#"{"metadata":{"continue":""},"items":null}"#)
        #expect(list.items.isEmpty && list.skipped.isEmpty && list.continueToken == nil)
    }
}

struct WatchEventTests {
    func event(_ text: String) throws -> WatchEvent<ConfigMap> { try WatchEvent(frame: Data(text.utf8)) }

    @Test("events are read by their type")
    func types() throws {
        let map = ConfigMap(metadata: ObjectMeta(name: "a"))
        let object = #"{"metadata":{"name":"a"}}"#
        #expect(try event(#"{"type":"ADDED","object":\#(object)}"#) == .added(map))
        #expect(try event(#"{"type":"MODIFIED","object":\#(object)}"#) == .modified(map))
        #expect(try event(#"{"type":"DELETED","object":\#(object)}"#) == .deleted(map))
        #expect(
            try event(#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}"#)
                == .bookmark(resourceVersion: "9")
        )
        let gone = try event(#"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}"#)
        #expect(gone == .error(KubeStatus(status: nil, reason: "Expired", code: 410)))
    }

    @Test("an object that cannot be read is skipped with its name and version")
    func skipping() throws {
        let skipped = try event(
            #"{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"9"},"data":7}}"#
        )
        guard case .skipped(let object) = skipped else {
            Issue.record("\(skipped)")
            return
        }
        #expect(object.key == ObjectKey(namespace: nil, name: "a") && object.resourceVersion == "9")
        for text in [#"{"type":"NEW","object":{}}"#, #"{"type":"ADDED"}"#, #"{"type":"BOOKMARK","object":{}}"#] {
            guard case .skipped = try event(text) else {
                Issue.record("\(text)")
                continue
            }
        }
    }

    @Test("broken frames are errors and never trap")
    func fuzz() {
        var random = SeededRandom(seed: 6)
        let valid = Array(
            #"{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"9"},"data":{"k":"v"}}}"#.utf8
        )
        for _ in 0..<5_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try? WatchEvent<ConfigMap>(frame: Data(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))))
        }
    }
}
