// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeClient
import KubeCore
import KubeTestSupport
import Testing

@testable import Serving

@Suite(
    "Reviews of a real API server",
    .enabled(if: TestControlPlane.isAvailable, "no control plane"),
    .timeLimit(.minutes(3))
)
struct KubernetesReviewsTests {
    private let service = "metro"

    private func create(_ plane: TestControlPlane, _ path: String, _ json: String) async throws -> Data {
        let request = KubeRequest(.post, path: path, contentType: "application/json", body: Data(json.utf8))
        return try await plane.client.send(request)
    }

    private func account(_ plane: TestControlPlane, _ name: String, in namespace: String) async throws {
        let json = #"{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"\#(name)"}}"#
        _ = try await create(plane, "/api/v1/namespaces/\(namespace)/serviceaccounts", json)
    }

    private func token(
        _ plane: TestControlPlane,
        _ name: String,
        in namespace: String,
        audience: String? = nil
    ) async throws -> String {
        struct Answer: Decodable {
            struct Status: Decodable { var token: String }
            var status: Status
        }
        let audiences = audience.map { #""audiences":["\#($0)"],"# } ?? ""
        let json =
            #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{\#(audiences)"expirationSeconds":600}}"#
        let path = "/api/v1/namespaces/\(namespace)/serviceaccounts/\(name)/token"
        return try KubeJSON.decoder().decode(Answer.self, from: try await create(plane, path, json)).status.token
    }

    /// The folder that a pod of that ServiceAccount has.
    private func credentials(_ plane: TestControlPlane, _ name: String, in namespace: String) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("almanac-own-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let token = try await token(plane, name, in: namespace)
        try Data("\(token)\n".utf8).write(to: folder.appendingPathComponent("token"))
        return folder.path
    }

    private func reviews(_ plane: TestControlPlane, _ folder: String, in namespace: String) -> KubernetesReviews {
        KubernetesReviews(
            server: "https://127.0.0.1:\(plane.port)",
            folder: folder,
            transport: CurlTransport(.init(tls: .init(ca: .file(plane.folder + "/ca.crt")), proxy: "")),
            service: ObjectKey(namespace: namespace, name: service)
        )
    }

    private func binding(_ kind: String, _ role: String, _ account: String, in namespace: String) -> String {
        """
        {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"\(kind)Binding","metadata":{"name":"\(role)-\(namespace)"},
         "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"\(kind)","name":"\(role)"},
         "subjects":[{"kind":"ServiceAccount","name":"\(account)","namespace":"\(namespace)"}]}
        """
    }

    @Test("let in whom a Role lets, know who may not, and refuse what is no token, with or without audiences")
    func verdicts() async throws {
        let plane = try await TestControlPlane.shared()
        let namespace = try await plane.makeNamespace("access")
        for name in ["server", "allowed", "other"] { try await account(plane, name, in: namespace) }
        let folder = try await credentials(plane, "server", in: namespace)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let reviews = reviews(plane, folder, in: namespace)

        // Without the right to ask, this is said in words that help.
        let refusal = await #expect(throws: ServingError.self) { try await reviews.probe() }
        #expect(refusal == .reviewRefused(plural: "tokenreviews", status: 403))
        let rbac = "/apis/rbac.authorization.k8s.io/v1"
        let delegator = binding("ClusterRole", "system:auth-delegator", "server", in: namespace)
        _ = try await create(plane, "\(rbac)/clusterrolebindings", delegator)
        let role = """
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"ask-metro"},
             "rules":[{"apiGroups":["almanac.dev"],"resources":["forecastservices/predict"],"verbs":["create"],
             "resourceNames":["\(service)"]}]}
            """
        _ = try await create(plane, "\(rbac)/namespaces/\(namespace)/roles", role)
        let allowed = binding("Role", "ask-metro", "allowed", in: namespace)
        _ = try await create(plane, "\(rbac)/namespaces/\(namespace)/rolebindings", allowed)

        // The authorizer sees new bindings a moment later.
        let deadline = ContinuousClock.now + .seconds(20)
        while (try? await reviews.probe()) == nil {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(50))
        }
        let user = "system:serviceaccount:\(namespace)"
        let good = try await token(plane, "allowed", in: namespace)
        while try await reviews.review(good) != .allowed("\(user):allowed") {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(50))
        }
        let other = try await token(plane, "other", in: namespace)
        #expect(try await reviews.review(other) == .notAllowed("\(user):other"))
        for wrong in ["x", good + "x", String(good.dropLast(5))] {
            #expect(try await reviews.review(wrong) == .unknown)
        }
        var elsewhere = self.reviews(plane, folder, in: namespace)
        elsewhere.audiences = ["forecasts"]
        #expect(try await elsewhere.review(good) == .unknown)
        let meant = try await token(plane, "allowed", in: namespace, audience: "forecasts")
        #expect(try await elsewhere.review(meant) == .allowed("\(user):allowed"))
        #expect(try await reviews.review(meant) == .unknown)
        try await elsewhere.probe()
    }

    @Test("that cannot be made are told apart: no server, no right, no token of its own")
    func unavailable() async throws {
        let plane = try await TestControlPlane.shared()
        let namespace = try await plane.makeNamespace("access")
        let nowhere = reviews(plane, "/nowhere", in: namespace)
        let missing = await #expect(throws: ServingError.self) { try await nowhere.review("x") }
        #expect(missing?.description.contains("/nowhere") == true)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("almanac-own-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("secret".utf8).write(to: folder.appendingPathComponent("token"))
        let stranger = reviews(plane, folder.path, in: namespace)
        let refused = await #expect(throws: ServingError.self) { try await stranger.review("x") }
        #expect(refused == .reviewRefused(plural: "tokenreviews", status: 401))
        let silent = KubernetesReviews(
            server: "https://127.0.0.1:1",
            folder: folder.path,
            transport: CurlTransport(.init(proxy: "")),
            service: ObjectKey(namespace: namespace, name: service)
        )
        let unreachable = await #expect(throws: ServingError.self) { try await silent.review("hidden") }
        guard case .reviewUnavailable(let reason) = unreachable else {
            Issue.record("\(unreachable as Any)")
            return
        }
        #expect(!reason.contains("hidden") && !reason.contains("secret"))
    }
}
