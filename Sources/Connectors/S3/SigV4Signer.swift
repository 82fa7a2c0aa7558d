// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import Forecasting
internal import FoundationEssentials
internal import HTTPTransport

/// Signs requests by AWS Signature Version 4, with the whole payload's digest.
///
/// Source: "Create a signed AWS API request" in the IAM user guide; S3's own rule is that a path is encoded once and not
/// normalised.
struct SigV4Signer: Sendable {
    /// A request in the form that is signed.
    struct Subject: Sendable {
        var method: String
        var host: String
        /// The encoded path.
        var path: String
        /// Names and values, not encoded.
        var query: [(name: String, value: String)] = []
        /// What is signed beside the signer's own header fields.
        var headers: [HTTPHeader] = []
        /// SHA-256 of the body, hexadecimal.
        var payload = SigV4Signer.emptyPayload

        /// The query as it is signed and sent: encoded, sorted, each name with a `=`.
        var canonicalQuery: String {
            query.map { (S3Encoding.query($0.name), S3Encoding.query($0.value)) }
                .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
                .map { "\($0.0)=\($0.1)" }
                .joined(separator: "&")
        }
    }

    /// SHA-256 of nothing.
    static let emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    private static let algorithm = "AWS4-HMAC-SHA256"

    let credentials: S3Credentials
    let region: String

    /// The header fields to send beside `Host`: those of the subject, the signer's own, and `Authorization`.
    func headers(for subject: Subject, at time: Date) throws(ConnectorError) -> [HTTPHeader] {
        let stamp = Self.stamp(time)
        let scope = "\(stamp.prefix(8))/\(region)/s3/aws4_request"
        var sent = subject.headers
        sent.append(HTTPHeader("x-amz-content-sha256", subject.payload))
        sent.append(HTTPHeader("x-amz-date", stamp))
        if let token = credentials.sessionToken { sent.append(HTTPHeader("x-amz-security-token", token)) }
        let signed = (sent + [HTTPHeader("host", subject.host)])
            .map { (name: $0.name.lowercased(), value: Self.collapsed($0.value)) }
            .sorted { $0.name < $1.name }
        let names = signed.map(\.name).joined(separator: ";")
        let canonical = [
            subject.method, subject.path, subject.canonicalQuery,
            signed.map { "\($0.name):\($0.value)\n" }.joined(), names, subject.payload,
        ].joined(separator: "\n")
        let text = [Self.algorithm, stamp, scope, try Self.digest(Array(canonical.utf8))].joined(separator: "\n")
        let signature = try Self.hex(Self.mac(key: signingKey(scope), text))
        let credential = "\(credentials.accessKeyID)/\(scope)"
        let authorization = "\(Self.algorithm) Credential=\(credential), SignedHeaders=\(names), Signature=\(signature)"
        return sent + [HTTPHeader("Authorization", authorization)]
    }

    private func signingKey(_ scope: String) throws(ConnectorError) -> [UInt8] {
        var key = Array("AWS4\(credentials.secretAccessKey)".utf8)
        for part in scope.split(separator: "/") { key = try Self.mac(key: key, String(part)) }
        return key
    }

    /// A time as `20261121T164525Z`.
    static func stamp(_ time: Date) -> String {
        UTCTime(seconds: Int64(time.timeIntervalSince1970.rounded(.down))).description.filter { $0 != "-" && $0 != ":" }
    }

    /// SHA-256, hexadecimal.
    static func digest(_ bytes: [UInt8]) throws(ConnectorError) -> String {
        do {
            return String(try SHA256Hasher.digest(of: bytes).dropFirst("sha256:".count))
        } catch {
            throw .badSpecification(field: "OpenSSL", problem: error.description)
        }
    }

    private static func mac(key: [UInt8], _ text: String) throws(ConnectorError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        let message = Array(text.utf8)
        guard HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &result, &count) != nil, count == 32
        else { throw .badSpecification(field: "OpenSSL", problem: "it gives no HMAC-SHA-256; check its installation") }
        return result
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// A header field's value without spaces around it, and with single ones within.
    private static func collapsed(_ value: String) -> String {
        value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }
}
