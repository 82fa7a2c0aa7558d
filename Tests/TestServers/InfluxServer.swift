// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import HTTPTransport
import KubeTestSupport

/// A real InfluxDB 1 on this machine, with authentication and one administrator, in a folder that goes with it.
package final class InfluxServer: Sendable {
    /// The administrator's name and password.
    package static let (user, password) = ("almanac", "a pass-word: 1")

    /// The server's address.
    package let url: String
    private let supervisor: ServerSupervisor
    private let transport = CurlTransport()

    /// Why there can be no server on this machine; nil if there can.
    package static let unavailable: String? = {
        guard program == nil else { return nil }
        print("skipped: tests with a real InfluxDB: no influxd; install influxdb ('make setup')")
        return "no influxd"
    }()

    /// Whether there can be a server on this machine.
    package static var isAvailable: Bool { unavailable == nil }

    private static let program = ["/usr/bin/influxd", "/usr/local/bin/influxd"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Starts a server and waits until it answers.
    ///
    /// - Parameter address: The address of this machine at which it listens; by default on loopback.
    package init(address: String = "127.0.0.1") async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("influx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let ports = try FreePorts.take(2)
        let configuration = folder.appendingPathComponent("influxdb.conf")
        try Self.configuration(folder.path, address, ports).write(to: configuration, atomically: true, encoding: .utf8)
        supervisor = try ServerSupervisor(
            commands: [[Self.program ?? "influxd", "-config", configuration.path]],
            folder: folder.path
        )
        url = "http://\(address):\(ports[0])"
        try await waitUntilReady()
        _ = try await ask("CREATE USER \(Self.user) WITH PASSWORD '\(Self.password)' WITH ALL PRIVILEGES")
    }

    private static func configuration(_ folder: String, _ address: String, _ ports: [UInt16]) -> String {
        """
        reporting-disabled = true
        bind-address = "127.0.0.1:\(ports[1])"
        [meta]
          dir = "\(folder)/meta"
        [data]
          dir = "\(folder)/data"
          wal-dir = "\(folder)/wal"
          query-log-enabled = false
        [monitor]
          store-enabled = false
        [http]
          bind-address = "\(address):\(ports[0])"
          auth-enabled = true
          log-enabled = false
        """
    }

    private func waitUntilReady() async throws {
        for _ in 0..<600 {
            if let answer = try? await transport.send(HTTPRequest(url: url + "/ping")), answer.status == 204 { return }
            guard supervisor.isRunning else { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestServerError.notReady("influxd", supervisor.logTails())
    }

    /// The `Authorization` of the administrator.
    package static var login: [HTTPHeader] {
        [HTTPHeader("Authorization", "Basic " + Data("\(user):\(password)".utf8).base64EncodedString())]
    }

    /// What the server answers to a statement, as text.
    package func ask(_ statement: String, database: String = "") async throws -> String {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        let query = statement.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        let request = HTTPRequest(
            method: "POST",
            url: "\(url)/query?db=\(database)&epoch=s&q=\(query)",
            headers: Self.login
        )
        return String(decoding: try await transport.send(request).body, as: UTF8.self)
    }

    /// Makes a database and writes lines of InfluxDB's line protocol, with times in seconds.
    package func fill(_ database: String, lines: [String]) async throws {
        _ = try await ask("CREATE DATABASE \(database)")
        for start in stride(from: 0, to: lines.count, by: 20_000) {
            let body = lines[start..<min(start + 20_000, lines.count)].joined(separator: "\n")
            let answer = try await transport.send(
                HTTPRequest(
                    method: "POST",
                    url: "\(url)/write?db=\(database)&precision=s",
                    headers: Self.login,
                    body: Data(body.utf8)
                )
            )
            guard answer.status == 204 else {
                throw TestServerError.refused(String(decoding: answer.body, as: UTF8.self))
            }
        }
    }

    /// Ends the server.
    package func stop() { supervisor.stop() }
}

/// What can go wrong with a server of a test.
package enum TestServerError: Error, CustomStringConvertible {
    /// It did not answer in time; with the end of its log.
    case notReady(String, String)
    /// It did not take what a test prepared.
    case refused(String)

    package var description: String {
        switch self {
        case .notReady(let name, let log): "\(name) does not answer:\n\(log)"
        case .refused(let answer): "the server refused what the test prepared: \(answer)"
        }
    }
}
