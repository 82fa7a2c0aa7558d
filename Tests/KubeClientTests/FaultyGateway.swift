// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeTestSupport

@testable import KubeClient

/// A program in Python that a test talks to over loopback; it ends with its standard input, and with this object.
final class PythonServer: Sendable {
    let port: Int
    private let process: ChildProcess

    static let python: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let found = folders.map { "\($0)/python3" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        if found == nil { print("skipped: tests with a proxy or gateway: no python3") }
        return found
    }()

    static var isAvailable: Bool { python != nil && TestControlPlane.isAvailable }

    /// Starts the program, which prints its port first, and waits for that on a thread of its own.
    init(_ script: String, _ arguments: [String]) async throws {
        let process = try ChildProcess(Self.python ?? "python3", ["-c", script] + arguments)
        self.process = process
        let line = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: process.readLine()) }
        }
        guard let port = Int(line) else { throw Failure(line: line) }
        self.port = port
    }

    struct Failure: Error {
        var line: String
    }
}

/// A gateway before a real API server that loses answers, refuses and asks for tokens, as a test tells it.
struct FaultyGateway {
    /// What the gateway does to requests that come; each number counts down.
    struct Faults: Encodable {
        /// Writes that are passed on, and whose answers are lost.
        var lose = 0
        /// Requests that are lost on their way.
        var drop = 0
        /// Requests that are refused with this status, and this `Retry-After`.
        var refuse = 0
        var status = 429
        var retryAfter: Int?
        /// A file that holds the only token that is let in.
        var tokenFile: String?
        /// Seconds that each request waits.
        var delay = 0.0
    }

    /// What the gateway has seen of a request.
    struct Seen: Decodable {
        var method: String
        var path: String
        var headers: [String: String]
        var body: String
    }

    private let server: PythonServer
    let url: String

    /// Puts a gateway before the server of a control plane.
    init(_ plane: TestControlPlane) async throws {
        guard case .inline(let token) = plane.tokenConfiguration.token else { throw PythonServer.Failure(line: "") }
        server = try await PythonServer(
            Self.script,
            [String(plane.configuration.server.dropFirst(8)), plane.folder + "/ca.crt", token]
        )
        url = "http://127.0.0.1:\(server.port)"
    }

    var configuration: KubeConfiguration { KubeConfiguration(server: url) }

    func client(_ options: KubeClient.Options = KubeClient.Options()) -> KubeClient {
        KubeClient(configuration: configuration, transport: CurlTransport(), options: options)
    }

    func set(_ faults: Faults) async throws {
        let body = try JSONEncoder().encode(faults)
        _ = try await CurlTransport().send(HTTPRequest(method: "POST", url: url + "/_faults", body: body))
    }

    /// The requests that came since this was asked last.
    func seen() async throws -> [Seen] {
        let response = try await CurlTransport().send(HTTPRequest(url: url + "/_seen"))
        return try JSONDecoder().decode([Seen].self, from: response.body)
    }

    private static let script = #"""
        import http.client, http.server, json, os, ssl, sys, threading, time
        target, ca, token = sys.argv[1:]
        faults, seen, lock = {}, [], threading.Lock()
        context = ssl.create_default_context(cafile=ca)

        def take(name):
            with lock:
                faults[name] = faults.get(name, 0) - 1
                return faults[name] >= 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def setup(self):
                super().setup()
                self.upstream = http.client.HTTPSConnection(target, context=context)

            def log_message(self, *arguments):
                pass

            def answer(self, status, body, headers={}):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path == "/_faults":
                    faults.clear()
                    faults.update(json.loads(body))
                    return self.answer(200, b"")
                if self.path == "/_seen":
                    with lock:
                        text = json.dumps(seen).encode()
                        seen.clear()
                    return self.answer(200, text)
                with lock:
                    seen.append({"method": self.command, "path": self.path, "body": body.decode(),
                                 "headers": {name.lower(): value for name, value in self.headers.items()}})
                time.sleep(faults.get("delay", 0))
                if faults.get("tokenFile"):
                    with open(faults["tokenFile"]) as file:
                        wanted = "Bearer " + file.read().strip()
                    if self.headers.get("Authorization") != wanted:
                        return self.answer(401, b'{"kind":"Status","reason":"Unauthorized","message":"no"}')
                if take("drop"):
                    self.close_connection = True
                    return
                if take("refuse"):
                    after = faults.get("retryAfter")
                    return self.answer(faults["status"], b"", {"Retry-After": str(after)} if after else {})
                headers = {name: value for name, value in self.headers.items()
                           if name.lower() in ("content-type", "accept", "accept-encoding")}
                headers["Authorization"] = "Bearer " + token
                self.upstream.request(self.command, self.path, body or None, headers)
                response = self.upstream.getresponse()
                text = response.read()
                if self.command != "GET" and take("lose"):
                    self.close_connection = True
                    return
                kept = {name: value for name, value in response.getheaders()
                        if name.lower() in ("content-type", "content-encoding", "retry-after")}
                self.answer(response.status, text, kept)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = any

        def leash():
            sys.stdin.read()
            os._exit(0)

        threading.Thread(target=leash, daemon=True).start()
        http.server.ThreadingHTTPServer.request_queue_size = 256
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """#
}
