// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Why a token is not accepted, or a key set cannot be used. No case holds a part of a token that could be used again.
package enum WebTokenError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text is no signed token in compact form.
    case malformed(reason: String)
    /// The token is signed in a way that is not accepted: without a key, with a shared secret, or with an unknown algorithm.
    case algorithmRefused
    /// No key of the set has the token's identifier, or fits its algorithm where it names none.
    case unknownKey
    /// The signature is not that of the key.
    case wrongSignature
    /// The token's time is over.
    case expired
    /// The token's time has not come.
    case notYetValid
    /// Another issuer made it.
    case wrongIssuer
    /// It was made for somebody else.
    case wrongAudience
    /// The bytes are no key set.
    case unusableKeySet(reason: String)

    package var description: String {
        switch self {
        case .malformed(let reason): "the token is malformed: \(reason)"
        case .algorithmRefused:
            "the token is not signed by RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or EdDSA"
        case .unknownKey: "the token was not signed by a key of the issuer's set"
        case .wrongSignature: "the token's signature is wrong"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet"
        case .wrongIssuer: "the token is of another issuer"
        case .wrongAudience: "the token is for another audience"
        case .unusableKeySet(let reason): "the key set cannot be used: \(reason)"
        }
    }
}
