// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// SHA-256 by OpenSSL, piece by piece.
///
/// Digests are written `sha256:` and 64 lowercase hexadecimal digits.
package struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer

    /// A hasher that has seen nothing.
    /// - Throws: `ForecastingError.digestUnavailable`.
    package init() throws(ForecastingError) {
        guard let context = EVP_MD_CTX_new() else { throw .digestUnavailable }
        guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            EVP_MD_CTX_free(context)
            throw .digestUnavailable
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes.
    /// - Throws: `ForecastingError.digestUnavailable`.
    package mutating func update(_ bytes: RawSpan) throws(ForecastingError) {
        let status = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        guard status == 1 else { throw .digestUnavailable }
    }

    /// The digest of all bytes added.
    /// - Throws: `ForecastingError.digestUnavailable`.
    package consuming func finalize() throws(ForecastingError) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        guard EVP_DigestFinal_ex(context, &digest, nil) == 1 else { throw .digestUnavailable }
        let hex = Array("0123456789abcdef".utf8)
        let digits = digest.flatMap { [hex[Int($0 >> 4)], hex[Int($0 & 15)]] }
        return "sha256:" + String(decoding: digits, as: UTF8.self)
    }

    /// The digest of bytes in memory.
    /// - Throws: `ForecastingError.digestUnavailable`.
    package static func digest(of bytes: [UInt8]) throws(ForecastingError) -> String {
        var hasher = try SHA256Hasher()
        try hasher.update(bytes.span.bytes)
        return try hasher.finalize()
    }
}
