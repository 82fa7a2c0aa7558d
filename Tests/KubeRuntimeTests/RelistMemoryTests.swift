// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore
import Testing

@testable import KubeRuntime

@Suite("Memory of lists")
struct RelistMemoryTests {
    /// What the process occupies, in bytes; nil where /proc does not say.
    private static var residentBytes: Int? {
        guard let data = FileManager.default.contents(atPath: "/proc/self/statm") else { return nil }
        let pages = String(decoding: data, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return pages.map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
    }

    private func list(_ version: Int) -> [ConfigMap] {
        (0..<500).map { number in
            var map = ConfigMap.sample("n\(number)", version: version)
            map.data = ["text": String(repeating: "x", count: 1000)]
            return map
        }
    }

    @Test(
        "after a hundred lists the process is no larger than after the first few, by a tenth at most",
        .enabled(if: residentBytes != nil, "there is no /proc/self/statm")
    )
    func hundredLists() throws {
        let store = Store<ConfigMap>(indices: [.controllerUID, .label("color")])
        for version in 1...5 { store.replace(with: list(version), resourceVersion: "\(version)") }
        let first = try #require(Self.residentBytes)
        for version in 6...105 { store.replace(with: list(version), resourceVersion: "\(version)") }
        let last = try #require(Self.residentBytes)
        print("100 lists of 500 objects: \(first >> 20) MiB before, \(last >> 20) MiB after")
        #expect(Double(last) < Double(first) * 1.1)
        #expect(store.count == 500)
    }
}
