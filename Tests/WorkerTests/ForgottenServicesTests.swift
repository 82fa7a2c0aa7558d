// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import Testing
import WorkerTestSupport

@testable import Worker

@Suite("What services have left in the store that are gone")
struct ForgottenServicesTests {
    private static let now: Int64 = 1_795_230_000
    private static let old = now - 2 * ForgottenServices.grace
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func folder(_ service: String, namespace: String = "team") throws -> LiveFolder {
        try LiveFolder(workspace.artifacts, namespace: namespace, service: service)
    }

    private func write(_ service: String, _ process: String, _ seconds: Int64, namespace: String = "team") throws {
        let name = SegmentName(issued: seconds * 1_000, number: 0)
        try folder(service, namespace: namespace).write("\(name)", of: process, bytes: [1])
    }

    private func remove(kept: Set<String> = []) throws -> [String] {
        try ForgottenServices(namespace: "team", kept: kept).remove(from: workspace.artifacts, now: Self.now)
    }

    private func left() throws -> [String] { try LiveFolder.services(in: workspace.artifacts, namespace: "team") }

    @Test("goes after a day, with its folders; what is kept, young, of another namespace or not ours stays")
    func removes() throws {
        for service in ["gone", "kept", "young", "odd"] {
            try write(service, "pod-a", Self.old)
            try write(service, "pod-b", Self.old + 60)
        }
        try write("young", "pod-c", Self.now - ForgottenServices.grace)
        try folder("odd").write("notes.txt", of: "pod-a", bytes: [1])
        try write("gone", "pod-a", Self.old, namespace: "other")
        let said = try remove(kept: ["kept"])
        #expect(said == ["removed live/team/gone, which is monitored no more: 2 files"])
        #expect(try left() == ["kept", "odd", "young"])
        #expect(try folder("young").processes() == ["pod-a", "pod-b", "pod-c"])
        #expect(try folder("gone", namespace: "other").files(of: "pod-a").count == 1)
        #expect(try remove(kept: ["kept"]).isEmpty)
    }

    @Test("is bounded at a time, and what is left goes the next time")
    func bounded() throws {
        try write("gone", "pod-a", Self.old)
        for number in 1...ForgottenServices.mostRemovals {
            let name = SegmentName(issued: Self.old * 1_000, number: number)
            try Data().write(to: URL(filePath: "\(workspace.store)/live/team/gone/pod-a/\(name)"))
        }
        #expect(try remove().first?.contains(": 5000 files") == true)
        #expect(try folder("gone").files(of: "pod-a").count == 1)
        #expect(try remove().first?.contains(": 1 files") == true)
        #expect(try left().isEmpty)
    }
}
