// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Certificates for tests, made by openssl: an authority, a server on loopback and an administrator.
package enum TestCertificates {
    /// Where openssl is; nil where it is not installed.
    package static var openssl: String? { TestBinaries.onPath("openssl") }

    /// Why no certificates can be made; nil if they can.
    package static var missing: String? { openssl == nil ? "no openssl" : nil }

    /// Writes `ca`, `server` and `admin` as `.crt` and `.key`, and `service-account` as `.key` and `.pub`.
    package static func make(in folder: String, openssl: String) throws {
        let subjectNames = "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes.test"
        let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        func run(_ arguments: [String]) throws { try Self.run(openssl, arguments, in: folder) }
        try run(
            ["req", "-x509"] + newKey + [
                "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=test authority",
            ]
        )
        for (name, subject) in [("server", "/CN=server"), ("admin", "/O=system:masters/CN=admin")] {
            try run(["req", "-new"] + newKey + ["-keyout", "\(name).key", "-out", "\(name).csr", "-subj", subject])
            try Data("\(subjectNames)\n".utf8).write(to: URL(filePath: folder + "/names.cnf"))
            try run([
                "x509", "-req", "-in", "\(name).csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                "2", "-extfile", "names.cnf", "-out", "\(name).crt",
            ])
        }
        try run(["genrsa", "-out", "service-account.key", "2048"])
        try run(["rsa", "-in", "service-account.key", "-pubout", "-out", "service-account.pub"])
    }

    private static func run(_ program: String, _ arguments: [String], in folder: String) throws {
        let process = try ChildProcess(program, arguments, in: folder)
        process.endInput()
        let text = process.readToEnd()
        guard process.waitForSuccess() else {
            throw TestControlPlaneError.preparation("openssl \(arguments.first ?? ""): \(text.suffix(500))")
        }
    }
}
