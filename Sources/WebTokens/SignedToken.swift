// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// A signed token (JWT, RFC 7519) in compact form, taken apart. Nothing that it says is true before it is verified.
package struct SignedToken: Sendable {
    /// The most bytes of a token.
    package static let longest = 16 * 1_024

    /// The key's identifier.
    let keyIdentifier: String?
    let algorithm: SignatureAlgorithm
    /// What the token says.
    let claims: TokenClaims
    /// The bytes that are signed.
    let message: [UInt8]
    let signature: [UInt8]

    /// Who says to have made it: good for choosing who verifies it, and for nothing else.
    package var statedIssuer: String? { claims.issuer }

    /// Takes a token apart.
    ///
    /// - Throws: `WebTokenError.malformed`, `algorithmRefused`.
    package init(_ text: String) throws(WebTokenError) {
        guard text.utf8.count <= Self.longest else {
            throw .malformed(reason: "it is longer than \(Self.longest) bytes")
        }
        let parts = text.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed(reason: "it does not have three parts") }
        guard let header = Base64URL.decode(parts[0].utf8), let payload = Base64URL.decode(parts[1].utf8),
            let signature = Base64URL.decode(parts[2].utf8)
        else { throw .malformed(reason: "a part is not base64 for URLs") }
        guard let header = try? JSONDecoder().decode(Header.self, from: Data(header)) else {
            throw .malformed(reason: "its header is no JSON object with an algorithm")
        }
        // What must be understood, and is not, makes the token invalid (RFC 7515, section 4.1.11).
        guard header.crit == nil else { throw .malformed(reason: "its header asks for extensions") }
        guard let algorithm = SignatureAlgorithm(rawValue: header.alg) else { throw .algorithmRefused }
        guard let claims = try? JSONDecoder().decode(TokenClaims.self, from: Data(payload)) else {
            throw .malformed(reason: "its claims are no JSON object, or of wrong types")
        }
        self.algorithm = algorithm
        self.claims = claims
        self.signature = signature
        keyIdentifier = header.kid
        message = Array(parts[0].utf8) + [UInt8(ascii: ".")] + Array(parts[1].utf8)
    }

    private struct Header: Decodable {
        var alg: String
        var kid: String?
        var crit: [String]?
    }
}

/// The claims of a token that matter here.
package struct TokenClaims: Sendable, Equatable, Decodable {
    /// Who made it.
    package var issuer: String?
    /// Whom it is about.
    package var subject: String?
    /// Whom it is for.
    package var audiences: [String]
    /// Until when it is valid, in seconds since 1970.
    package var expiry: Double?
    /// From when it is valid, in seconds since 1970.
    package var notBefore: Double?

    private enum CodingKeys: String, CodingKey {
        case issuer = "iss"
        case subject = "sub"
        case audiences = "aud"
        case expiry = "exp"
        case notBefore = "nbf"
    }

    package init(from decoder: any Decoder) throws {
        let claims = try decoder.container(keyedBy: CodingKeys.self)
        issuer = try claims.decodeIfPresent(String.self, forKey: .issuer)
        subject = try claims.decodeIfPresent(String.self, forKey: .subject)
        expiry = try claims.decodeIfPresent(Double.self, forKey: .expiry)
        notBefore = try claims.decodeIfPresent(Double.self, forKey: .notBefore)
        // One audience may stand without a list (RFC 7519, section 4.1.3).
        if let one = try? claims.decode(String.self, forKey: .audiences) {
            audiences = [one]
        } else {
            audiences = try claims.decodeIfPresent([String].self, forKey: .audiences) ?? []
        }
    }
}
