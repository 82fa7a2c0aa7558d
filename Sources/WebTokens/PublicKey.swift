// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A key that verifies signatures.
///
/// Sendable although it holds a C handle: the key is not changed once it is made, OpenSSL lets threads share such a one, and
/// each verification has a context of its own.
final class PublicKey: @unchecked Sendable {
    /// What keys there are.
    enum Kind: Sendable {
        case rsa
        case p256
        case p384
        case ed25519
    }

    /// The sizes of RSA keys that are taken: shorter ones are broken, longer ones cost milliseconds each time.
    private static let sizes = 2_048...8_192

    let kind: Kind
    private let handle: OpaquePointer

    /// A key of RSA from its modulus and exponent; nil where they are no such key, or one too short or too long.
    static func rsa(modulus: [UInt8], exponent: [UInt8]) -> PublicKey? {
        // An exponent is a small odd number above one; a huge one would make each verification slow.
        let digits = exponent.drop { $0 == 0 }
        guard modulus.count <= Self.sizes.upperBound / 8 + 1, digits.count <= 4, let last = digits.last,
            last % 2 == 1, digits.count > 1 || last > 1
        else { return nil }
        let rsaEncryption: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
        let info = DER.sequence(
            DER.sequence(DER.identifier(rsaEncryption), DER.null),
            DER.bits(DER.sequence(DER.integer(modulus), DER.integer(exponent)))
        )
        guard let key = PublicKey(.rsa, info), sizes.contains(Int(EVP_PKEY_get_bits(key.handle))) else { return nil }
        return key
    }

    /// A key of ECDSA from the point on its curve; nil where the point is not on it.
    static func ellipticCurve(_ kind: Kind, x: [UInt8], y: [UInt8]) -> PublicKey? {
        let idECPublicKey: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
        let (curve, length): ([UInt8], Int)
        switch kind {
        case .p256: (curve, length) = ([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07], 32)
        case .p384: (curve, length) = ([0x2B, 0x81, 0x04, 0x00, 0x22], 48)
        case .rsa, .ed25519: return nil
        }
        guard x.count == length, y.count == length else { return nil }
        let info = DER.sequence(
            DER.sequence(DER.identifier(idECPublicKey), DER.identifier(curve)),
            DER.bits([0x04] + x + y)
        )
        return PublicKey(kind, info)
    }

    /// A key of Ed25519 from its bytes; nil where there are not 32.
    static func ed25519(_ bytes: [UInt8]) -> PublicKey? {
        guard bytes.count == 32 else { return nil }
        return PublicKey(.ed25519, DER.sequence(DER.sequence(DER.identifier([0x2B, 0x65, 0x70])), DER.bits(bytes)))
    }

    /// Reads a SubjectPublicKeyInfo (RFC 5280, section 4.1).
    private init?(_ kind: Kind, _ info: [UInt8]) {
        // What goes wrong is told by the result; the thread's list of errors must not fill up.
        defer { ERR_clear_error() }
        let handle = info.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            return d2i_PUBKEY(nil, &position, buffer.count)
        }
        guard let handle else { return nil }
        self.kind = kind
        self.handle = handle
    }

    deinit { EVP_PKEY_free(handle) }

    /// Whether a signature is that of this key over a message.
    func verifies(_ signature: [UInt8], of message: [UInt8], by algorithm: SignatureAlgorithm) -> Bool {
        defer { ERR_clear_error() }
        guard algorithm.keyKind == kind, let signature = algorithm.native(signature), let context = EVP_MD_CTX_new()
        else {
            return false
        }
        defer { EVP_MD_CTX_free(context) }
        // Owned by `context`.
        var settings: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &settings, algorithm.digest, nil, handle) == 1 else { return false }
        if algorithm.isPSS {
            guard EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1
            else { return false }
        }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
