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

    /// The most that the process occupied since `resetPeak`, in bytes.
    private static var peakBytes: Int? {
        guard let data = FileManager.default.contents(atPath: "/proc/self/status") else { return nil }
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }

    /// Makes the present size the peak. False where the kernel does not let us.
    private static func resetPeak() -> Bool {
        guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return false }
        defer { try? file.close() }
        return (try? file.write(contentsOf: Data("5".utf8))) != nil
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
        for version in 1...5 { store.fill(with: list(version), resourceVersion: "\(version)") }
        let first = try #require(Self.residentBytes)
        for version in 6...105 { store.fill(with: list(version), resourceVersion: "\(version)") }
        let last = try #require(Self.residentBytes)
        print("100 lists of 500 objects: \(first >> 20) MiB before, \(last >> 20) MiB after")
        #expect(Double(last) < Double(first) * 1.1)
        #expect(store.count == 500)
    }

    /// A list as it comes from a server, page after page of JSON.
    private func pages(_ count: Int, version: Int) throws -> [Data] {
        try (0..<count).map { page in
            let maps = list(version).map { map in
                var map = map
                map.metadata.name += "-\(page)"
                return map
            }
            return try KubeJSON.encoder().encode(maps)
        }
    }

    private func read(_ pages: [Data]) throws -> [ConfigMap] {
        try pages.flatMap { try KubeJSON.decoder().decode([ConfigMap].self, from: $0) }
    }

    @Test(
        "a list of 10,000 objects takes no more than 4 KiB an object beside the cache while it is read",
        .enabled(if: residentBytes != nil && peakBytes != nil, "there is no /proc/self/status")
    )
    func peak() throws {
        let lists = try (1...3).map { try pages(20, version: $0) }
        let store = Store<ConfigMap>(indices: [.controllerUID, .label("color")])
        store.fill(with: try read(lists[0]), resourceVersion: "1")
        guard Self.resetPeak() else { return print("skip: this kernel keeps its peaks") }
        let steady = try #require(Self.residentBytes)
        for version in 2...3 { store.fill(with: try read(lists[version - 1]), resourceVersion: "\(version)") }
        let peak = try #require(Self.peakBytes) - steady
        print("a list of 10,000 objects: \(peak >> 20) MiB beside the cache")
        #expect(peak <= 10_000 * 4096)
        #expect(store.count == 10_000)
    }
}
