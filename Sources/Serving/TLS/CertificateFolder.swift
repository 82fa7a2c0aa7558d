// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A folder as a Secret of the type kubernetes.io/tls is mounted.
struct CertificateFolder: Sendable {
    /// The file with the certificate and its chain.
    static let certificateName = "tls.crt"
    /// The file with the private key.
    static let keyName = "tls.key"
    /// Longer files are no certificates.
    private static let longest = 1 << 20

    /// What the two files say.
    struct Files: Sendable, Equatable {
        /// Where they lie, for messages.
        var folder: String
        var certificate: [UInt8]
        var key: [UInt8]
    }

    /// Where the files lie.
    let path: String

    /// Both files as they are now.
    ///
    /// - Throws: `ServingError.unusableCertificate`.
    func read() throws(ServingError) -> Files {
        Files(folder: path, certificate: try read(Self.certificateName), key: try read(Self.keyName))
    }

    private func read(_ name: String) throws(ServingError) -> [UInt8] {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path).appendingPathComponent(name))
        } catch {
            let reason = "\(name) cannot be read (\((error as NSError).localizedDescription))"
            throw .unusableCertificate(path: path, reason: reason)
        }
        guard data.count <= Self.longest else {
            throw .unusableCertificate(path: path, reason: "\(name) is longer than \(Self.longest) bytes")
        }
        return Array(data)
    }
}
