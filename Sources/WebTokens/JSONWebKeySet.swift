// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// The public keys of an issuer (RFC 7517), as it publishes them.
///
/// Keys that are no use here are left out, as the RFC asks for: of unknown kinds, incomplete, meant for encryption.
package struct JSONWebKeySet: Sendable {
    /// The most bytes of a set.
    package static let longest = 1 << 20
    /// The most keys of a set.
    package static let mostKeys = 100

    /// A key with what its set says of it.
    struct Entry: Sendable {
        var identifier: String?
        /// The only algorithm that it may be used with; nil for each that takes such a key.
        var algorithm: SignatureAlgorithm?
        var key: PublicKey
    }

    private let entries: [Entry]

    /// How many keys there are that can verify something.
    package var count: Int { entries.count }

    /// Reads the JSON of a set.
    ///
    /// - Throws: `WebTokenError.unusableKeySet`.
    package init(decoding data: Data) throws(WebTokenError) {
        guard data.count <= Self.longest else {
            throw .unusableKeySet(reason: "it is longer than \(Self.longest) bytes")
        }
        guard let wire = try? JSONDecoder().decode(Wire.self, from: data) else {
            throw .unusableKeySet(reason: "it is no JSON object with a list of keys")
        }
        guard wire.keys.count <= Self.mostKeys else {
            throw .unusableKeySet(reason: "it has \(wire.keys.count) keys; at most \(Self.mostKeys) are allowed")
        }
        entries = wire.keys.compactMap(\.key?.entry)
        guard !entries.isEmpty else { throw .unusableKeySet(reason: "none of its keys can verify a signature") }
    }

    /// The keys of several sets.
    package init(joining sets: [JSONWebKeySet]) { entries = sets.flatMap(\.entries) }

    /// The keys that may have made a signature.
    func candidates(identifier: String?, algorithm: SignatureAlgorithm) -> [PublicKey] {
        entries.filter { entry in
            entry.key.kind == algorithm.keyKind && (entry.algorithm ?? algorithm) == algorithm
                && (identifier == nil || entry.identifier == identifier)
        }.map(\.key)
    }

    private struct Wire: Decodable {
        var keys: [Member]
    }

    /// One member of the list, whatever it is.
    private struct Member: Decodable {
        let key: WireKey?

        init(from decoder: any Decoder) throws { key = try? WireKey(from: decoder) }
    }

    private struct WireKey: Decodable {
        var kty: String
        var use: String?
        var key_ops: [String]?
        var alg: String?
        var kid: String?
        var crv: String?
        var n: String?
        var e: String?
        var x: String?
        var y: String?

        var entry: Entry? {
            guard use ?? "sig" == "sig", key_ops?.contains("verify") ?? true, let key = publicKey else { return nil }
            guard let alg else { return Entry(identifier: kid, key: key) }
            guard let algorithm = SignatureAlgorithm(rawValue: alg) else { return nil }
            return Entry(identifier: kid, algorithm: algorithm, key: key)
        }

        private var publicKey: PublicKey? {
            func bytes(_ text: String?) -> [UInt8]? { text.flatMap { Base64URL.decode(Substring($0).utf8) } }
            switch (kty, crv) {
            case ("RSA", _):
                guard let modulus = bytes(n), let exponent = bytes(e) else { return nil }
                return .rsa(modulus: modulus, exponent: exponent)
            case ("EC", "P-256"), ("EC", "P-384"):
                guard let x = bytes(x), let y = bytes(y) else { return nil }
                return .ellipticCurve(crv == "P-256" ? .p256 : .p384, x: x, y: y)
            case ("OKP", "Ed25519"):
                return bytes(x).flatMap { .ed25519($0) }
            default:
                return nil
            }
        }
    }
}
