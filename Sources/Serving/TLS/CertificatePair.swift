// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOSSL

/// A certificate with its private key, ready to secure connections.
struct CertificatePair: Sendable {
    /// What connections are made with: TLS 1.2 and 1.3, the library's own choice of ciphers, HTTP/1.1.
    let context: NIOSSLContext
    /// From when the certificate is valid.
    let notBefore: Date
    /// Until when it is valid.
    let notAfter: Date

    /// Reads a pair.
    ///
    /// - Throws: `ServingError.unusableCertificate` where a file is not PEM, the key needs a password, or the two do not belong
    ///   together.
    init(_ files: CertificateFolder.Files) throws(ServingError) {
        func unusable(_ reason: String) -> ServingError { .unusableCertificate(path: files.folder, reason: reason) }
        let (certificateName, keyName) = (CertificateFolder.certificateName, CertificateFolder.keyName)
        // The library's errors are stacks of BoringSSL's; which file is at fault is what a person can act on.
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(files.certificate), let leaf = chain.first else {
            throw unusable("\(certificateName) holds no certificate in PEM")
        }
        guard let key = try? NIOSSLPrivateKey(bytes: files.key, format: .pem) else {
            throw unusable("\(keyName) holds no private key in PEM, or one with a password")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // Making the context is where the library compares the two public keys.
        guard let context = try? NIOSSLContext(configuration: configuration) else {
            throw unusable("\(keyName) is not the key of the first certificate in \(certificateName)")
        }
        self.context = context
        notBefore = Date(timeIntervalSince1970: Double(leaf.notValidBefore))
        notAfter = Date(timeIntervalSince1970: Double(leaf.notValidAfter))
    }
}
