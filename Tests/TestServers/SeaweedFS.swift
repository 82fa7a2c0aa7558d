// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeTestSupport

/// A real S3 server on this machine, SeaweedFS, for the tests of this process; it dies with the process.
package final class SeaweedFS: Sendable {
    /// The URL of S3; on loopback it is below `localhost`, so that `bucket.localhost` is found too.
    package let endpoint: String
    /// The same over TLS, by an authority of the tests' own.
    package let tlsEndpoint: String
    /// The authority's certificate, in PEM.
    package let authority: String
    /// Keys that may do everything.
    package static let keys = (id: "AKIDALMANACTESTS", secret: "s3cret/With+Odd=Characters")
    /// Keys that may read and list the bucket `models`, and write nothing. The bucket `open` needs no keys.
    package static let readerKeys = (id: "AKIDALMANACREADER", secret: "reader-secret")

    private let supervisor: ServerSupervisor

    private init(endpoint: String, tlsEndpoint: String, authority: String, supervisor: ServerSupervisor) {
        self.endpoint = endpoint
        self.tlsEndpoint = tlsEndpoint
        self.authority = authority
        self.supervisor = supervisor
    }

    /// Why there is no such server on this machine; nil if there is.
    package static let unavailable: String? = {
        let reason = program == nil ? "no weed on the PATH; `make setup` brings it" : TestCertificates.missing
        if let reason { print("skipped: tests with an S3 server: \(reason)") }
        return reason
    }()

    /// For `.enabled(if:)`.
    package static var isAvailable: Bool { unavailable == nil }

    /// The one server of this process, started by whoever asks first; tests use prefixes or buckets of their own.
    package static func shared() async throws -> SeaweedFS { try await single.value }

    // Unstructured, because it belongs to the process and not to the test that happens to come first.
    private static let single = Task { try await start() }

    /// On the path, or where `make setup` puts it.
    private static let program: String? = {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        let installed = cache + "/almanac/venv/bin/weed"
        return TestBinaries.onPath("weed")
            ?? (FileManager.default.isExecutableFile(atPath: installed) ? installed : nil)
    }()

    /// Starts a server of its own.
    ///
    /// - Parameter address: The address of this machine at which it listens; by default on loopback.
    package static func start(address: String = "127.0.0.1") async throws -> SeaweedFS {
        guard let program, let openssl = TestCertificates.openssl else {
            throw TestControlPlaneError.unavailable(unavailable ?? "")
        }
        let folder = NSTemporaryDirectory() + "almanac-seaweedfs-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/data", withIntermediateDirectories: true)
        try TestCertificates.make(in: folder, openssl: openssl)
        try Data(identities.utf8).write(to: URL(filePath: folder + "/s3.json"))
        let ports = try FreePorts.take(9)
        let supervisor = try ServerSupervisor(commands: [command(program, folder, address, ports)], folder: folder)
        let name = address == "127.0.0.1" ? "localhost" : address
        let endpoint = "http://\(name):\(ports[6])"
        try await waitUntilReady(endpoint, supervisor)
        return SeaweedFS(
            endpoint: endpoint,
            tlsEndpoint: "https://\(name):\(ports[8])",
            authority: try String(contentsOfFile: folder + "/ca.crt", encoding: .utf8),
            supervisor: supervisor
        )
    }

    private static let identities = """
        {"identities": [
          {"name": "almanac", "credentials": [{"accessKey": "\(keys.id)", "secretKey": "\(keys.secret)"}],
           "actions": ["Admin", "Read", "Write", "List", "Tagging"]},
          {"name": "reader", "credentials": [{"accessKey": "\(readerKeys.id)", "secretKey": "\(readerKeys.secret)"}],
           "actions": ["Read:models", "List:models"]},
          {"name": "anonymous", "actions": ["Read:open", "Write:open", "List:open"]}
        ]}
        """

    private static func command(
        _ program: String,
        _ folder: String,
        _ address: String,
        _ ports: [UInt16]
    ) -> [String] {
        [
            program, "server", "-dir=\(folder)/data", "-ip=\(address)", "-ip.bind=\(address)",
            "-master.port=\(ports[0])", "-master.port.grpc=\(ports[1])", "-master.telemetry=false",
            "-master.volumeSizeLimitMB=64", "-master.electionTimeout=1s",
            "-volume.port=\(ports[2])", "-volume.port.grpc=\(ports[3])", "-volume.max=50",
            "-filer", "-filer.port=\(ports[4])", "-filer.port.grpc=\(ports[5])", "-filer.localSocket=\(folder)/socket",
            "-s3", "-s3.port=\(ports[6])", "-s3.port.grpc=\(ports[7])", "-s3.port.https=\(ports[8])",
            "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.cert.file=\(folder)/server.crt",
            "-s3.key.file=\(folder)/server.key", "-s3.config=\(folder)/s3.json", "-s3.domainName=localhost",
            "-s3.iam=false",
        ]
    }

    /// The first answer of any kind is S3's own; the first write waits for the servers behind it.
    private static func waitUntilReady(_ endpoint: String, _ supervisor: ServerSupervisor) async throws {
        let transport = CurlTransport()
        let deadline = ContinuousClock.now + .seconds(60)
        while (try? await transport.send(HTTPRequest(url: endpoint + "/"))) == nil {
            guard ContinuousClock.now < deadline, supervisor.isRunning else {
                let log = supervisor.logTails()
                supervisor.stop()
                throw TestControlPlaneError.notReady(log)
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
