// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The programs that a control plane needs, and where they are.
package struct TestBinaries: Sendable {
    var apiServer: String
    var etcd: String
    var openssl: String

    /// All of them, if they are all there.
    static let found: TestBinaries? = {
        guard let apiServer, let etcd = onPath("etcd"), let openssl = onPath("openssl") else { return nil }
        return TestBinaries(apiServer: apiServer, etcd: etcd, openssl: openssl)
    }()

    /// What is missing, for a person.
    static var missing: String? {
        if apiServer == nil {
            return "no kube-apiserver in KUBEBUILDER_ASSETS or in \(cache); `make setup` puts one there"
        }
        if onPath("etcd") == nil { return "no etcd; install etcd-server" }
        if onPath("openssl") == nil { return "no openssl" }
        return nil
    }

    /// The API server: envtest's variable first, then the newest version in the cache.
    private static let apiServer: String? = {
        if let assets = environment["KUBEBUILDER_ASSETS"], isProgram(assets + "/kube-apiserver") {
            return assets + "/kube-apiserver"
        }
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? []
        return
            versions
            .sorted { $0.compare($1, options: .numeric) == .orderedDescending }
            .map { "\(cache)/\($0)/kube-apiserver" }
            .first(where: isProgram)
    }()

    private static var cache: String {
        let home = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        return home + "/almanac/kube"
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// The first program of that name on the path; etcd is also looked for beside the API server.
    package static func onPath(_ name: String) -> String? {
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let assets = environment["KUBEBUILDER_ASSETS"].map { [$0] } ?? []
        return (assets + folders).map { "\($0)/\(name)" }.first(where: isProgram)
    }

    private static func isProgram(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }
}
