// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// How tokens may be signed (RFC 7518, section 3.1; RFC 8037): by a private key whose public one verifies. Shared secrets and
/// `none` have no case, so they cannot be accepted by mistake.
package enum SignatureAlgorithm: String, Sendable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    /// Ed25519 only.
    case edDSA = "EdDSA"

    /// The kind of key that it takes.
    var keyKind: PublicKey.Kind {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: .rsa
        case .es256: .p256
        case .es384: .p384
        case .edDSA: .ed25519
        }
    }

    /// The digest that is signed; nil where the algorithm has its own.
    var digest: OpaquePointer? {
        switch self {
        case .rs256, .ps256, .es256: EVP_sha256()
        case .rs384, .ps384, .es384: EVP_sha384()
        case .rs512, .ps512: EVP_sha512()
        case .edDSA: nil
        }
    }

    /// Whether the padding is that of PSS, with a salt as long as the digest.
    var isPSS: Bool { self == .ps256 || self == .ps384 || self == .ps512 }

    /// A signature as OpenSSL wants it; nil where it has not the length that it must have.
    ///
    /// Tokens have the two numbers of ECDSA side by side (RFC 7518, section 3.4), OpenSSL has them as a sequence.
    func native(_ signature: [UInt8]) -> [UInt8]? {
        let half: Int
        switch self {
        case .es256: half = 32
        case .es384: half = 48
        default: return signature
        }
        guard signature.count == 2 * half else { return nil }
        return DER.sequence(DER.integer(signature[..<half]), DER.integer(signature[half...]))
    }
}
