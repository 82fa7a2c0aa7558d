// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import WebTokens

@Suite("Key sets")
struct JSONWebKeySetTests {
    private func bytes(_ text: String) throws -> [UInt8] { try #require(Base64URL.decode(Substring(text).utf8)) }

    /// The modulus of the key in RFC 7515, appendix A.2.
    private static let modulus =
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs"
        + "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV"
        + "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"

    @Test("verify the signature of RFC 7515, appendix A.2 (RS256)")
    func rsa() throws {
        let signature =
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1d"
            + "nZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzD"
            + "wusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe"
            + "77Rw"
        let payload =
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        let set = try JSONWebKeySet(
            decoding: Data(#"{"keys":[{"kty":"RSA","n":"\#(Self.modulus)","e":"AQAB"}]}"#.utf8)
        )
        let token = try SignedToken("\(payload).\(signature)")
        #expect(token.claims.issuer == "joe" && token.claims.expiry == 1_300_819_380)
        let key = try #require(set.candidates(identifier: nil, algorithm: .rs256).first)
        #expect(key.verifies(token.signature, of: token.message, by: .rs256))
        #expect(!key.verifies(token.signature, of: token.message + [0], by: .rs256))
        for other in SignatureAlgorithm.allCases where other != .rs256 {
            #expect(!key.verifies(token.signature, of: token.message, by: other))
        }
    }

    @Test("verify the signature of RFC 7515, appendix A.3 (ES256)")
    func ellipticCurve() throws {
        let payload =
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
        let key = try #require(
            PublicKey.ellipticCurve(
                .p256,
                x: try bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                y: try bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
            )
        )
        let signed = Array(payload.utf8)
        var wrong = try bytes(signature)
        #expect(key.verifies(wrong, of: signed, by: .es256))
        wrong[63] ^= 1
        #expect(!key.verifies(wrong, of: signed, by: .es256))
        // What broken verifiers took: two numbers that are zero, or too few bytes.
        #expect(!key.verifies([UInt8](repeating: 0, count: 64), of: signed, by: .es256))
        for length in [0, 1, 63, 65] {
            #expect(!key.verifies([UInt8](repeating: 1, count: length), of: signed, by: .es256))
        }
    }

    @Test("verify the signature of RFC 8037, appendix A.4 (Ed25519)")
    func edwards() throws {
        let key = try #require(PublicKey.ed25519(try bytes("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")))
        let signature = try bytes(
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        )
        let signed = Array("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".utf8)
        #expect(key.verifies(signature, of: signed, by: .edDSA))
        #expect(!key.verifies(signature, of: signed.dropLast(), by: .edDSA))
    }

    @Test("leave out keys that are no use, and are refused where none is left")
    func useless() throws {
        let modulus = Self.modulus
        let good = #"{"kty":"RSA","n":"\#(modulus)","e":"AQAB"}"#
        let useless = [
            #"{"kty":"RSA","n":"\#(modulus)","e":"AQ"}"#, #"{"kty":"RSA","n":"\#(modulus)","e":"Ag"}"#,
            #"{"kty":"RSA","n":"\#(modulus)","e":"AQABAQABAQ"}"#, #"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#,
            #"{"kty":"RSA","n":"","e":""}"#, #"{"kty":"RSA","n":"\#(modulus)"}"#, #"{"kty":"RSA","n":"*","e":"AQAB"}"#,
            #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
            // Not on the curve.
            #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#
                + #""y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}"#,
            #"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#, #"{"kty":"OKP","crv":"X25519","x":"AA"}"#,
            #"{"kty":"oct","k":"AA"}"#, "{}", "[]", "1", #""text""#, "null",
            #"{"kty":"RSA","n":"\#(modulus)","e":"AQAB","use":"enc"}"#,
            #"{"kty":"RSA","n":"\#(modulus)","e":"AQAB","key_ops":["sign"]}"#,
            #"{"kty":"RSA","n":"\#(modulus)","e":"AQAB","alg":"HS256"}"#,
        ]
        let set = try JSONWebKeySet(decoding: Data(#"{"keys":[\#((useless + [good]).joined(separator: ","))]}"#.utf8))
        #expect(set.count == 1)
        for each in useless {
            #expect(throws: WebTokenError.self, "\(each)") {
                try JSONWebKeySet(decoding: Data(#"{"keys":[\#(each)]}"#.utf8))
            }
        }
        let many = [String](repeating: good, count: JSONWebKeySet.mostKeys + 1).joined(separator: ",")
        for text in ["", "{}", "[]", #"{"keys":{}}"#, #"{"keys":[]}"#, #"{"keys":[\#(many)]}"#] {
            #expect(throws: WebTokenError.self) { try JSONWebKeySet(decoding: Data(text.utf8)) }
        }
        #expect(throws: WebTokenError.self) {
            try JSONWebKeySet(decoding: Data(repeating: UInt8(ascii: " "), count: JSONWebKeySet.longest + 1))
        }
    }

    @Test("can be anything without stopping the process")
    func mutations() throws {
        let bytes = [UInt8](try #require(ReferenceTokens.all).keySet)
        var random = SeededRandom(seed: 7_517)
        for _ in 0..<1_500 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let position = Int.random(in: changed.indices, using: &random)
                if random.chance(30) {
                    changed.remove(at: position)
                } else {
                    changed[position] =
                        random.chance(50) ? UInt8.random(in: 0...255, using: &random) : UInt8(ascii: "A")
                }
            }
            _ = try? JSONWebKeySet(decoding: Data(changed))
        }
    }

    @Test("are texts of base64 for URLs in one way only")
    func base64() {
        func decode(_ text: String) -> [UInt8]? { Base64URL.decode(Substring(text).utf8) }
        #expect(
            decode("") == [] && decode("AA") == [0] && decode("_-8") == [0xFF, 0xEF] && decode("AQAB") == [1, 0, 1]
        )
        for wrong in ["A", "AB", "AAB", "AA=", "AA==", "A A", "+/8", "AAAAA", "Ä", "A\n"] {
            #expect(decode(wrong) == nil)
        }
    }
}
