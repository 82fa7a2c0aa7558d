// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

@testable import HTTPTransport

struct CertificateFilesTests {
    /// Files that a test changes.
    final class Files: Sendable {
        private let content: Mutex<[String: String]>
        private let reads = Mutex(0)

        init(_ content: [String: String]) { self.content = Mutex(content) }

        func set(_ path: String, _ text: String?) { content.withLock { $0[path] = text } }

        func read(_ path: String) -> Data? { content.withLock { $0[path] }.map { Data($0.utf8) } }
    }

    let start = ContinuousClock.now
    let interval = Duration.seconds(30)
    let configured = CurlTransport.TLS(ca: .file("ca"), clientCertificate: .file("crt"), clientKey: .file("key"))

    func make(_ files: Files) -> CertificateFiles {
        CertificateFiles(configured, interval: interval, read: { files.read($0) })
    }

    @Test("files that change are used within two intervals, which is well within five minutes")
    func renewal() throws {
        let files = Files(["ca": "A", "crt": "B", "key": "C"])
        var certificates = make(files)
        func isRenewed(after wait: Duration) -> Bool { certificates.areRenewed(at: start + wait) }
        #expect(try certificates.current(at: start).ca == .data(Data("A".utf8)))
        #expect(certificates.nextCheck == start + interval)
        files.set("ca", "A2")
        #expect(!isRenewed(after: .seconds(29)))
        #expect(!isRenewed(after: interval))
        #expect(isRenewed(after: interval * 2))
        #expect(try certificates.current(at: start + interval * 2).ca == .data(Data("A2".utf8)))
        #expect(!isRenewed(after: interval * 3))
        #expect(interval * 2 < .seconds(300))
        #expect(CurlTransport.Configuration().certificateCheckInterval == interval)
    }

    @Test("a certificate without its new key, a half-written file and a missing one change nothing")
    func halfWay() throws {
        let files = Files(["ca": "A", "crt": "B", "key": "C"])
        var certificates = make(files)
        func isRenewed(after wait: Duration) -> Bool { certificates.areRenewed(at: start + wait) }
        let first = try certificates.current(at: start)
        files.set("crt", "B2")
        #expect(!isRenewed(after: interval))
        files.set("key", "C2")
        #expect(!isRenewed(after: interval * 2))
        files.set("ca", nil)
        #expect(!isRenewed(after: interval * 3))
        files.set("ca", "")
        #expect(!isRenewed(after: interval * 4))
        #expect(try certificates.current(at: start + interval * 4) == first)
        files.set("ca", "A")
        #expect(!isRenewed(after: interval * 5))
        #expect(isRenewed(after: interval * 6))
        #expect(try certificates.current(at: start).clientKey == .data(Data("C2".utf8)))
    }

    @Test("a file that is missing from the start is named, and read again at the next request")
    func missing() throws {
        let files = Files(["crt": "B", "key": "C"])
        var certificates = make(files)
        let error = #expect(throws: HTTPTransportError.self) { try certificates.current(at: start) }
        #expect(error?.description.contains("the certificate authority in ca cannot be read") == true)
        files.set("ca", "A")
        #expect(try certificates.current(at: start).ca == .data(Data("A".utf8)))
    }

    @Test("certificates that are given as data need no look at any file")
    func data() throws {
        var certificates = CertificateFiles(
            CurlTransport.TLS(ca: .data(Data("A".utf8))),
            interval: interval,
            read: { _ in
                Issue.record("a file was read")
                return nil
            }
        )
        _ = try certificates.current(at: start)
        let isRenewed = certificates.areRenewed(at: start + interval * 10)
        #expect(certificates.nextCheck == nil && !isRenewed)
    }
}
