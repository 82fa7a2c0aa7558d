// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import Testing

@testable import Connectors

@Suite("Signatures of S3 requests")
struct S3SignatureTests {
    /// `Reference/sigv4.json`: requests and the signatures that botocore gives them.
    struct Reference: Decodable {
        struct Vector: Decodable {
            let time: Int
            let region, secret, method, host, path, body, authorization: String
            let token: String?
            let query, headers: [[String]]
        }

        let vectors: [Vector]

        static func load() throws -> Reference {
            let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Reference/sigv4.json")
            return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
        }
    }

    @Test("signatures are those that botocore gives: odd keys and queries, bodies, session tokens, regions")
    func botocore() throws {
        let vectors = try Reference.load().vectors
        #expect(vectors.count == 60)
        for vector in vectors {
            let credentials = try S3Credentials(
                accessKeyID: "AKIDEXAMPLE",
                secretAccessKey: vector.secret,
                sessionToken: vector.token
            )
            let body = stride(from: 0, to: vector.body.utf8.count, by: 2).compactMap { index in
                UInt8(vector.body.dropFirst(index).prefix(2), radix: 16)
            }
            let subject = SigV4Signer.Subject(
                method: vector.method,
                host: vector.host,
                path: vector.path,
                query: vector.query.map { ($0[0], $0[1]) },
                headers: vector.headers.map { HTTPHeader($0[0], $0[1]) },
                payload: try SigV4Signer.digest(body)
            )
            let time = Date(timeIntervalSince1970: Double(vector.time))
            let signer = SigV4Signer(credentials: credentials, region: vector.region)
            let signed = try signer.headers(for: subject, at: time)
            #expect(signed.first(named: "Authorization") == vector.authorization, "\(vector.method) \(vector.path)")
        }
    }

    @Test("a bucket is named in the path or in the host, and its scheme's own port is not")
    func addresses() throws {
        let path = try S3Bucket(endpoint: "http://store:9000/", name: "models")
        #expect(path.url(path: path.path("a b/ü"), query: "") == "http://store:9000/models/a%20b/%C3%BC")
        #expect(path.path(nil) == "/models")
        let host = try S3Bucket(endpoint: "https://S3.example:443", name: "models", addressing: .host)
        #expect(host.host == "models.s3.example")
        #expect(host.url(path: host.path(nil), query: "list-type=2") == "https://models.s3.example/?list-type=2")
        let amazon = try S3Bucket(name: "models", region: "eu-west-1")
        #expect(amazon.endpoint == "https://s3.eu-west-1.amazonaws.com")
    }

    @Test(
        "an endpoint, bucket or region that cannot be one is refused by its field",
        arguments: [
            ("store:9000", "models", "r", "endpoint"), ("http://user:pw@store", "models", "r", "endpoint"),
            ("http://store/path", "models", "r", "endpoint"), ("http://", "models", "r", "endpoint"),
            ("http://store", "a/b", "r", "bucket"), ("http://store", "", "r", "bucket"),
            ("http://store", "..", "r", "bucket"), ("http://store", "models", "eu west", "region"),
        ]
    )
    func invalid(endpoint: String, bucket: String, region: String, field: String) {
        let error = #expect(throws: ConnectorError.self) {
            try S3Bucket(endpoint: endpoint, name: bucket, region: region)
        }
        guard case .badSpecification(field, let problem)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!problem.contains("pw"))
    }

    @Test("credentials show their public half only, and odd characters in them are refused")
    func secrets() throws {
        let keys = try S3Credentials(accessKeyID: "AKID", secretAccessKey: "hidden", sessionToken: "token")
        #expect("\(keys)" == "access key AKID" && String(reflecting: keys) == "access key AKID")
        #expect(throws: ConnectorError.self) { try S3Credentials(accessKeyID: "AK\nID", secretAccessKey: "s") }
        #expect(throws: ConnectorError.self) { try S3Credentials(accessKeyID: "AKID", secretAccessKey: "") }
    }
}
