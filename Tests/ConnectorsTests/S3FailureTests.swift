// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import Testing

@testable import Connectors

@Suite("What S3 servers answer when they do not do as asked")
struct S3FailureTests {
    static func error(_ code: String, _ more: String = "") -> String {
        "<?xml version=\"1.0\"?><Error><Code>\(code)</Code><Message>words\nof it</Message>\(more)</Error>"
    }

    private func problem(_ transport: ScriptedS3) async throws -> S3Problem? {
        let client = try S3Server.scripted(transport)
        let problem = try await S3Server.problem { () async throws(ConnectorError) in
            _ = try await client.list(prefix: "a/")
        }
        if let problem { #expect(problem.request == "GET s3://models at http://store:9000") }
        return problem
    }

    @Test(
        "an error's code says what kind of trouble it is, and what to do",
        arguments: [
            (403, "SignatureDoesNotMatch", S3Problem.Kind.credentialsRejected, "secretAccessKey"),
            (403, "InvalidAccessKeyId", .credentialsRejected, "accessKeyID"),
            (400, "ExpiredToken", .credentialsRejected, "expired"),
            (403, "AccessDenied", .accessDenied, "grant"),
            (404, "NoSuchBucket", .bucketNotFound, "create it"),
            (400, "InvalidArgument", .refused, "InvalidArgument: words\\nof it"),
            (404, "Odd", .refused, "Odd"),
        ]
    )
    func codes(status: Int, code: String, kind: S3Problem.Kind, part: String) async throws {
        let transport = ScriptedS3(status: status, Self.error(code))
        let problem = try await problem(transport)
        #expect(problem?.kind == kind)
        #expect(problem?.reason.contains(part) == true, "\(problem?.reason ?? "")")
        #expect(transport.requests.count == 1)
    }

    @Test("another region is named, by whatever the server names it")
    func regions() async throws {
        let header = [HTTPHeader("x-amz-bucket-region", "eu-west-3")]
        let moved = try await problem(ScriptedS3(status: 301, headers: header, Self.error("PermanentRedirect")))
        let malformed = ScriptedS3(
            status: 400,
            Self.error("AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>")
        )
        for found in [moved, try await problem(malformed)] {
            #expect(found?.kind == .refused)
            #expect(found?.reason.contains("not in region 'us-east-1' but in 'eu-west-3'") == true)
        }
    }

    @Test("clocks that differ are told with both times")
    func clocks() async throws {
        let header = [HTTPHeader("Date", "Sat, 21 Nov 2026 09:00:00 GMT")]
        let found = try await problem(ScriptedS3(status: 403, headers: header, Self.error("RequestTimeTooSkewed")))
        #expect(found?.reason.contains("21 Nov 2026 09:00:00") == true)
        #expect(found?.reason.contains("20261121T") == true)
    }

    @Test("HTML in place of XML, an error without words, and a list of another kind are seen through")
    func otherServers() async throws {
        let page = try await problem(ScriptedS3(status: 200, "<!DOCTYPE html><html><body>Welcome</body></html>"))
        #expect(page?.kind == .refused && page?.reason.contains("is the endpoint that of an S3 server") == true)
        let bare = try await problem(ScriptedS3(status: 403, "<html><p>Forbidden</html>"))
        #expect(bare?.kind == .accessDenied && bare?.reason.contains("status 403") == true)
        #expect(try await problem(ScriptedS3(status: 200, "<Buckets/>"))?.reason.contains("'Buckets'") == true)
        let lateError = try await problem(ScriptedS3(status: 200, Self.error("AccessDenied")))
        #expect(lateError?.kind == .accessDenied)
    }

    @Test("a busy or broken server is asked again with growing pauses, and then given up as unreachable")
    func retries() async throws {
        let busy = ScriptedS3(status: 503, Self.error("SlowDown"))
        #expect(try await problem(busy)?.kind == .unreachable)
        #expect(busy.requests.count == 5)
        #expect(busy.pauses == [200, 400, 800, 1_600].map { Duration.milliseconds($0) })
        let healed = ScriptedS3([
            .failure(.connectionLost(url: "", reason: "reset")), .success(HTTPResponse(status: 429)),
            .success(HTTPResponse(status: 200, body: Data("<ListBucketResult/>".utf8))),
        ])
        #expect(try await problem(healed) == nil)
        let silent = ScriptedS3([.failure(.timedOut(url: "", after: .seconds(30)))])
        #expect(try await problem(silent)?.reason == "nothing came for 30.0 seconds")
        let nobody = ScriptedS3([.failure(.cannotConnect(url: "", reason: "no such host"))])
        #expect(try await problem(nobody)?.reason == "no connection: no such host")
    }

    @Test("half an object is no object")
    func halves() async throws {
        let length = [HTTPHeader("Content-Length", "100")]
        let client = try S3Server.scripted(ScriptedS3(status: 200, headers: length, "half"))
        let error = await #expect(throws: ConnectorError.self) { try await client.get("a") }
        #expect(error?.description.contains("4 of 100 bytes") == true)
    }

    @Test("an upload that its server forgets to tag, or completes with an error, fails and is aborted")
    func uploads() async throws {
        let root = "InitiateMultipartUploadResult"
        let begun = HTTPResponse(
            status: 200,
            body: Data("<\(root)><UploadId>u&amp;1</UploadId></\(root)>".utf8)
        )
        let tagged = HTTPResponse(status: 200, headers: [HTTPHeader("ETag", "\"t\"")])
        let late = HTTPResponse(status: 200, body: Data(Self.error("AccessDenied").utf8))
        let gone = HTTPResponse(status: 204)
        for answers in [[begun, tagged, tagged, late, gone], [begun, gone]] {
            let transport = ScriptedS3(answers.map { .success($0) })
            let client = try S3Server.scripted(transport)
            await #expect(throws: ConnectorError.self) { try await client.put("a", [UInt8](repeating: 1, count: 15)) }
            let last = transport.requests.last
            #expect(last?.method == "DELETE" && last?.url.hasSuffix("?uploadId=u%261") == true)
        }
    }

    @Test("requests to public buckets are not signed")
    func anonymous() async throws {
        let transport = ScriptedS3(status: 200, "text")
        let client = try S3Server.scripted(transport, credentials: .anonymous)
        #expect(try await client.get("a") == Array("text".utf8))
        #expect(transport.requests.first?.headers == [HTTPHeader("Accept-Encoding", "identity")])
    }
}
