// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation
import KubeTestSupport

/// A folder as a Secret of the type kubernetes.io/tls is mounted, with certificates that openssl makes; it goes with its
/// owner.
package final class CertificateSecret: Sendable {
    /// The folder.
    package let folder: String

    /// A folder without a certificate.
    package init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("almanac-tls-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Makes a certificate for loopback that vouches for itself, and shows it: gives back its file beside the folder's own.
    package func renew(_ name: String, days: Int = 2) async throws -> String {
        guard let openssl = TestCertificates.openssl else { throw TestControlPlaneError.unavailable("no openssl") }
        let process = try ChildProcess(
            openssl,
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                ".\(name).key", "-out", ".\(name).crt", "-days", "\(days)", "-subj", "/CN=\(name)", "-addext",
                "subjectAltName=IP:127.0.0.1",
            ],
            in: folder
        )
        process.endInput()
        guard try await process.ended() == 0 else { throw TestControlPlaneError.preparation("openssl req") }
        try put(".\(name).crt", as: "tls.crt")
        try put(".\(name).key", as: "tls.key")
        return "\(folder)/.\(name).crt"
    }

    /// Shows the content of another file of the folder as one of the two.
    package func put(_ source: String, as name: String) throws {
        try write(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(source)")), as: name)
    }

    /// Shows some bytes as one of the two.
    package func write(_ data: Data, as name: String) throws {
        try data.write(to: URL(fileURLWithPath: "\(folder)/\(name)"), options: .atomic)
    }
}
