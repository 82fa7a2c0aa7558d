// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeTestSupport

/// A proxy on loopback that writes down where it was asked to connect to.
struct LoopbackProxy {
    private let server: PythonServer
    private let log: String
    let port: Int

    /// Starts a proxy: `http`, `https` (with the server certificate of `certificates`) or `socks5`.
    ///
    /// With a user and password it lets nobody else in.
    init(_ kind: String, certificates: String = "", login: String = "") async throws {
        log = NSTemporaryDirectory() + "almanac-proxy-\(UUID().uuidString)"
        server = try await PythonServer(Self.script, [kind, log, certificates, login])
        port = server.port
    }

    /// Where it was asked to connect to, in order.
    var targets: [String] {
        let text = FileManager.default.contents(atPath: log) ?? Data()
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func end() { try? FileManager.default.removeItem(atPath: log) }

    private static let script = #"""
        import base64, os, socket, socketserver, ssl, struct, sys, threading
        kind, log, certificates, login = sys.argv[1:]
        lock = threading.Lock()

        def connect(host, port):
            with lock, open(log, "a") as file:
                file.write("%s:%d\n" % (host, port))
            # Names that only the proxy knows.
            return socket.create_connection(("127.0.0.1" if host.endswith(".proxied") else host, port))

        def pump(source, sink):
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
            except OSError:
                pass
            for end in (source, sink):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

        class Handler(socketserver.BaseRequestHandler):
            def exactly(self, count):
                data = b""
                while len(data) < count:
                    data += self.client.recv(count - len(data)) or sys.exit()
                return data

            def socks5(self):
                self.exactly(self.exactly(2)[1])
                self.client.sendall(b"\x05\x00")
                form = self.exactly(4)[3]
                if form == 3:
                    host = self.exactly(self.exactly(1)[0]).decode()
                else:
                    host = socket.inet_ntoa(self.exactly(4))
                upstream = connect(host, struct.unpack(">H", self.exactly(2))[0])
                self.client.sendall(b"\x05\x00\x00\x01" + bytes(6))
                return upstream

            def http(self):
                head = b""
                while b"\r\n\r\n" not in head:
                    head += self.exactly(1)
                wanted = b"Proxy-Authorization: Basic " + base64.b64encode(login.encode())
                if login and wanted not in head:
                    self.client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                    return None
                host, port = head.split()[1].decode().rsplit(":", 1)
                upstream = connect(host, int(port))
                self.client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                return upstream

            def handle(self):
                self.client = self.request
                if kind == "https":
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(certificates + "/server.crt", certificates + "/server.key")
                    self.client = context.wrap_socket(self.request, server_side=True)
                upstream = self.socks5() if kind == "socks5" else self.http()
                if upstream:
                    threading.Thread(target=pump, args=(upstream, self.client), daemon=True).start()
                    pump(self.client, upstream)

        def leash():
            sys.stdin.read()
            os._exit(0)

        threading.Thread(target=leash, daemon=True).start()
        socketserver.ThreadingTCPServer.daemon_threads = True
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """#
}
