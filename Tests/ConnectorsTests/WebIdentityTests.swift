// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import Synchronization
import Testing

@testable import Connectors

@Suite("Keys for a pod's own identity")
struct WebIdentityTests {
    /// As the documentation of AssumeRoleWithWebIdentity has it, shortened.
    private static let answer = """
        <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <AssumeRoleWithWebIdentityResult>
            <SubjectFromWebIdentityToken>system:serviceaccount:team:worker</SubjectFromWebIdentityToken>
            <Credentials>
              <SessionToken>AQoDYXdzEE0a8ANXXXXXXXXNO1ewxE5TijQyp+IEXAMPLE</SessionToken>
              <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY</SecretAccessKey>
              <Expiration>2026-11-21T01:00:00Z</Expiration>
              <AccessKeyId>ASgeIAIOSFODNN7EXAMPLE</AccessKeyId>
            </Credentials>
          </AssumeRoleWithWebIdentityResult>
        </AssumeRoleWithWebIdentityResponse>
        """

    private func withToken(_ body: (WebIdentity) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID())")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("eyJ.token+odd\n".utf8).write(to: file)
        let environment = [
            "AWS_ROLE_ARN": "arn:aws:iam::1:role/almanac", "AWS_WEB_IDENTITY_TOKEN_FILE": file.path,
            "AWS_ENDPOINT_URL_STS": "http://sts:8000/",
        ]
        try await body(try #require(WebIdentity(environment: environment)))
    }

    @Test("a token is changed for keys once, and again before they stop working")
    func exchange() async throws {
        try await withToken { identity in
            let keys = HTTPResponse(status: 200, body: Data(Self.answer.utf8))
            let object = HTTPResponse(status: 200, body: Data("text".utf8))
            let transport = ScriptedS3([keys, object, object, keys, object].map { .success($0) })
            // 2026-11-21T00:00:00Z, an hour before the keys stop working.
            let time = Mutex(Date(timeIntervalSince1970: 1_795_219_200))
            let client = try S3Server.scripted(transport, credentials: .webIdentity(identity)) { time.withLock { $0 } }
            for _ in 0..<2 { _ = try await client.get("a") }
            time.withLock { $0 += 3_400 }
            _ = try await client.get("a")
            let requests = transport.requests
            #expect(requests.map(\.method) == ["POST", "GET", "GET", "POST", "GET"])
            #expect(requests[0].url == "http://sts:8000/")
            let form = String(decoding: requests[0].body ?? Data(), as: UTF8.self)
            #expect(form.contains("Action=AssumeRoleWithWebIdentity&Version=2011-06-15"))
            #expect(form.contains("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Falmanac&RoleSessionName=almanac"))
            #expect(form.hasSuffix("WebIdentityToken=eyJ.token%2Bodd"))
            let authorization = requests[1].headers.first(named: "Authorization") ?? ""
            #expect(authorization.contains("Credential=ASgeIAIOSFODNN7EXAMPLE/20261121/us-east-1/s3/aws4_request"))
            #expect(authorization.contains("x-amz-security-token"))
        }
    }

    @Test("a refused or missing token is told without the token")
    func refusals() async throws {
        try await withToken { identity in
            let refusal = "<ErrorResponse><Error><Code>InvalidIdentityToken</Code></Error></ErrorResponse>"
            let client = try S3Server.scripted(
                ScriptedS3(status: 400, refusal),
                credentials: .webIdentity(identity)
            )
            let error = await #expect(throws: ConnectorError.self) { try await client.get("a") }
            #expect(error?.description.contains("InvalidIdentityToken") == true)
            #expect(error?.description.contains("eyJ") == false)
        }
        let gone = WebIdentity(role: "r", tokenFile: "/nowhere/token")
        let client = try S3Server.scripted(ScriptedS3(status: 200), credentials: .webIdentity(gone))
        let error = await #expect(throws: ConnectorError.self) { try await client.get("a") }
        #expect(error?.description == "AWS_WEB_IDENTITY_TOKEN_FILE: /nowhere/token cannot be read")
    }

    @Test("without a role in the environment there is no such identity")
    func environment() {
        #expect(WebIdentity(environment: ["AWS_ROLE_ARN": "r"]) == nil)
        #expect(WebIdentity(environment: ["AWS_ROLE_ARN": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "f"]) == nil)
    }
}
