// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeTestSupport

/// A small HTTP server in Python on loopback, for what only a real connection can show.
final class LoopbackServer: Sendable {
    let url: String
    // Killed when this server goes; it also ends by itself at the end of its standard input.
    private let process: ChildProcess

    /// Why there can be no server on this machine; nil if there can.
    static let unavailable: String? = {
        let reason = python == nil ? "no python3" : TestCertificates.openssl == nil ? "no openssl" : nil
        if let reason { print("skipped: tests with a loopback HTTP server: \(reason)") }
        return reason
    }()

    static var isAvailable: Bool { unavailable == nil }

    private static var python: String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/python3" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Starts a server and waits for it on a thread of its own; with a folder of `TestCertificates` it speaks TLS.
    init(certificates: String? = nil) async throws {
        let arguments = ["-c", Self.script] + (certificates.map { [$0] } ?? [])
        let process = try ChildProcess(Self.python ?? "python3", arguments)
        self.process = process
        let port = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: process.readLine()) }
        }
        url = "\(certificates == nil ? "http" : "https")://127.0.0.1:\(port)"
    }

    private static let script = #"""
        import gzip, http.server, itertools, json, os, ssl, sys, threading, time

        connections = itertools.count(1)
        state = {"endless": "idle", "sent": 0, "dropped": 0}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                self.connection_number = next(connections)

            def log_message(self, *arguments):
                pass

            def answer(self, body, headers={}):
                self.send_response(200)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def chunk(self, body):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))

            def any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path, _, argument = self.path.partition("?")
                if path == "/echo":
                    self.answer(json.dumps({
                        "method": self.command, "path": self.path, "length": len(body), "sum": sum(body[::997]),
                        "headers": {name.lower(): value for name, value in self.headers.items()},
                        "connection": self.connection_number}).encode())
                elif path == "/state":
                    self.answer(json.dumps(state).encode())
                elif path == "/big":
                    self.answer(bytes(i % 251 for i in range(251)) * int(argument))
                elif path == "/gzip":
                    self.answer(gzip.compress(b"almanac " * 10000), {"Content-Encoding": "gzip"})
                elif path == "/interim":
                    self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
                    self.answer(b"done")
                elif path == "/drop":
                    state["dropped"] += 1
                    self.close_connection = True
                elif path == "/cut":
                    self.send_response(200)
                    self.send_header("Content-Length", "1000")
                    self.end_headers()
                    self.wfile.write(b"half")
                    self.close_connection = True
                elif path == "/never":
                    time.sleep(30)
                elif path in ("/silent", "/pieces", "/endless"):
                    self.send_response(200)
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    getattr(self, path[1:])()
                else:
                    self.send_error(404)

            def silent(self):
                self.chunk(b"first")
                time.sleep(30)

            def pieces(self):
                for index in range(5):
                    self.chunk(b"piece %d\n" % index)
                    time.sleep(0.05)
                self.chunk(b"")

            def endless(self):
                state.update(endless="running", sent=0)
                try:
                    while True:
                        self.chunk(bytes(65536))
                        state["sent"] += 65536
                except OSError:
                    state["endless"] = "stopped"
                self.close_connection = True

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = any

        def leash():
            sys.stdin.read()
            os._exit(0)

        threading.Thread(target=leash, daemon=True).start()
        http.server.ThreadingHTTPServer.request_queue_size = 256
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if len(sys.argv) > 1:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[1] + "/server.crt", sys.argv[1] + "/server.key")
            server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """#
}
