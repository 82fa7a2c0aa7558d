// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeTestSupport
import Testing
import WorkerTestSupport

@testable import Serving

@Suite(
    "The certificate of a server",
    .enabled(if: TestCertificates.missing == nil, "no openssl"),
    .timeLimit(.minutes(1))
)
struct CertificateStateTests {
    @Test("is taken up when its files change, and what cannot be used leaves the one before it")
    func renewal() async throws {
        let secret = try CertificateSecret()
        let state = ServingCertificate()
        #expect(!state.look(secret.files) && state.context == nil)
        let missing = try #require(state.problem(now: .now))
        #expect(missing.reason == .certificateInvalid && missing.keepsClientsOut)
        #expect(missing.message.contains(secret.folder) && missing.message.contains("tls.crt"))
        _ = try await secret.renew("first")
        #expect(state.look(secret.files) && !state.look(secret.files) && state.problem(now: .now) == nil)
        let first = try #require(state.context)
        #expect(try #require(state.notAfter).timeIntervalSinceNow > 86_400)
        _ = try await secret.renew("second")
        #expect(state.look(secret.files) && state.context !== first)
        let second = state.context

        // The key of the first one: seen once it may be a change half done, seen twice it is a mistake.
        try secret.put(".first.key", as: CertificateFolder.keyName)
        #expect(!state.look(secret.files) && state.problem(now: .now) == nil)
        #expect(!state.look(secret.files))
        let mismatch = try #require(state.problem(now: .now))
        #expect(mismatch.reason == .certificateInvalid && !mismatch.keepsClientsOut)
        #expect(mismatch.message.contains("tls.key is not the key") && mismatch.message.contains("before it is served"))
        #expect(state.context === second)
        try secret.put(".second.key", as: CertificateFolder.keyName)
        #expect(!state.look(secret.files) && state.problem(now: .now) == nil && state.context === second)
        try secret.put(".first.crt", as: CertificateFolder.certificateName)
        try secret.put(".first.key", as: CertificateFolder.keyName)
        #expect(state.look(secret.files) && state.problem(now: .now) == nil)
    }

    @Test("that has expired, or is not valid yet, is told with its time")
    func times() async throws {
        let secret = try CertificateSecret()
        _ = try await secret.renew("only")
        let state = ServingCertificate()
        _ = state.look(secret.files)
        let pair = try CertificatePair(try secret.files.get())
        #expect(state.problem(now: pair.notAfter) == nil)
        let late = try #require(state.problem(now: pair.notAfter + 1))
        #expect(late.reason == .certificateExpired && late.keepsClientsOut)
        #expect(late.message.contains(pair.notAfter.formatted(.iso8601)))
        let early = try #require(state.problem(now: pair.notBefore - 1))
        #expect(early.reason == .certificateInvalid && early.keepsClientsOut)
        // A renewal that fails once the old one is over keeps clients out as well.
        try secret.write(Data("no".utf8), as: CertificateFolder.certificateName)
        for _ in 0..<2 { _ = state.look(secret.files) }
        #expect(state.problem(now: .now)?.keepsClientsOut == false)
        #expect(state.problem(now: pair.notAfter + 1)?.keepsClientsOut == true)
    }

    @Test("says which file is at fault, and nothing of its content")
    func faults() async throws {
        let secret = try CertificateSecret()
        _ = try await secret.renew("good")
        func fault(_ data: Data, _ name: String) throws -> String {
            try secret.write(data, as: name)
            let error = #expect(throws: ServingError.self) { try CertificatePair(try secret.files.get()) }
            try secret.put(".good.crt", as: CertificateFolder.certificateName)
            try secret.put(".good.key", as: CertificateFolder.keyName)
            return error?.description ?? ""
        }
        let key = try Data(contentsOf: URL(fileURLWithPath: "\(secret.folder)/.good.key"))
        let certificate = try Data(contentsOf: URL(fileURLWithPath: "\(secret.folder)/.good.crt"))
        for wrong in [Data(), Data("hidden".utf8), key, certificate.prefix(100)] {
            let text = try fault(wrong, CertificateFolder.certificateName)
            #expect(text.contains("tls.crt holds no certificate") && !text.contains("hidden"))
        }
        for wrong in [Data(), Data("hidden".utf8), certificate, key.prefix(60)] {
            let text = try fault(wrong, CertificateFolder.keyName)
            #expect(text.contains("tls.key holds no private key") && !text.contains("hidden"))
        }
        let long = try fault(Data(repeating: 0x20, count: 1 << 21), CertificateFolder.keyName)
        #expect(long.contains("longer than"))
    }
}
