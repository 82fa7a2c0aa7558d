// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import Testing
import WorkerRuntime
import WorkerTestSupport

@Suite("Secrets as files")
struct SecretsTests {
    private static let field = "spec.source.csv.secretRef"
    private let workspace: Workspace
    private let reference = SecretReference(name: "data")

    init() throws {
        workspace = try Workspace()
    }

    private var secrets: Secrets { Secrets(path: workspace.folder.path, namespace: "team") }

    private func write(_ key: String, _ value: String) throws {
        let folder = workspace.folder.appendingPathComponent("data")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(value.utf8).write(to: folder.appendingPathComponent(key))
    }

    @Test("a value is taken without the line break at its end", arguments: ["s3 cret\n", "s3 cret\r\n", "s3 cret"])
    func lineBreak(written: String) throws {
        try write("password", written)
        #expect(try secrets.value(reference, key: "password", field: Self.field) == "s3 cret")
    }

    @Test("a user name and a password make basic credentials")
    func basic() throws {
        try write("username", "Aladdin")
        try write("password", "open sesame")
        let headers = try secrets.authorization(reference, field: Self.field)
        // The example of RFC 7617, section 2.
        #expect(headers == [HTTPHeader("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")])
    }

    @Test("a token goes before a password")
    func bearer() throws {
        try write("username", "u")
        try write("token", "t0ken")
        #expect(
            try secrets.authorization(reference, field: Self.field) == [HTTPHeader("Authorization", "Bearer t0ken")]
        )
    }

    @Test("a missing key is told with the command that makes it")
    func missingKey() throws {
        try write("username", "u")
        let error = #expect(throws: WorkerRuntimeError.self) { try secrets.authorization(reference, field: Self.field) }
        #expect(
            error?.description
                == "spec.source.csv.secretRef: Secret 'data' has no 'password': "
                + "kubectl create secret generic data -n team --from-literal=password=…"
        )
    }

    @Test("of keys that go together all that are missing are told, with the command that makes all")
    func missingKeys() throws {
        let keys = ["accessKeyID", "secretAccessKey"]
        func problem(_ secrets: Secrets) -> String? {
            #expect(throws: WorkerRuntimeError.self) { try secrets.values(reference, keys: keys, field: "f") }?
                .description
        }
        let command =
            "kubectl create secret generic data -n team --from-literal=accessKeyID=… --from-literal=secretAccessKey=…"
        #expect(problem(secrets) == "f: Secret 'data' has no 'accessKeyID' and 'secretAccessKey': \(command)")
        let folder = "give a folder that holds data/accessKeyID and data/secretAccessKey with --secrets"
        #expect(
            problem(Secrets(path: nil, namespace: "team"))
                == "f: Secret 'data' has no 'accessKeyID' and 'secretAccessKey': \(folder)"
        )
        try write("accessKeyID", "a")
        #expect(problem(secrets) == "f: Secret 'data' has no 'secretAccessKey': \(command)")
        try write("secretAccessKey", "b")
        #expect(try secrets.values(reference, keys: keys, field: "f") == ["a", "b"])
    }

    @Test("without a folder of Secrets the option that gives one is named")
    func noFolder() throws {
        let none = Secrets(path: nil, namespace: "team")
        let error = #expect(throws: WorkerRuntimeError.self) {
            try none.value(reference, key: "token", field: Self.field)
        }
        #expect(
            error?.description
                == "spec.source.csv.secretRef: Secret 'data' has no 'token': give a folder that holds data/token with --secrets"
        )
    }
}
