// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation
import KubeTestSupport

/// A server on loopback that gives each connection the next of some answers, byte by byte as they are, and keeps what
/// it was asked.
///
/// It is for conversations that no real server can be brought to: half an answer, a page of a proxy, InfluxDB 2.
package final class CannedServer: Sendable {
    /// The server's address.
    package let url: String
    private let process: ChildProcess
    private let folder: URL

    /// Whether there can be a server on this machine.
    package static let isAvailable: Bool = {
        let isThere = FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")
        if !isThere { print("skipped: tests with a canned server: no /usr/bin/python3") }
        return isThere
    }()

    /// Starts a server; after the last answer it gives that one again. nil stands for silence.
    package init(_ answers: [String?]) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("canned-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (index, answer) in answers.enumerated() {
            let file = folder.appendingPathComponent("answer-\(index)")
            try Data((answer ?? "").utf8).write(to: file)
        }
        let process = try ChildProcess("/usr/bin/python3", ["-c", Self.script, folder.path, "\(answers.count)"])
        self.process = process
        let port = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: process.readLine()) }
        }
        url = "http://127.0.0.1:\(port)"
    }

    deinit {
        process.kill()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The requests so far, heads and bodies, in order.
    package var requests: [Data] {
        var found: [Data] = []
        while let next = try? Data(contentsOf: folder.appendingPathComponent("request-\(found.count)")) {
            found.append(next)
        }
        return found
    }

    /// A whole answer with its length.
    package static func answer(
        _ status: String = "200 OK",
        _ body: String,
        type: String = "application/json"
    ) -> String {
        let head = [
            "HTTP/1.1 \(status)", "Content-Type: \(type)", "Content-Length: \(body.utf8.count)", "Connection: close",
        ]
        return head.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    private static let script = #"""
        import os, socket, sys, threading

        folder, count = sys.argv[1], int(sys.argv[2])
        server = socket.create_server(("127.0.0.1", 0))
        print(server.getsockname()[1], flush=True)

        def leash():
            sys.stdin.read()
            os._exit(0)

        def read(connection):
            data = b""
            while b"\r\n\r\n" not in data:
                piece = connection.recv(65536)
                if not piece:
                    return data
                data += piece
            head, _, body = data.partition(b"\r\n\r\n")
            lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
            while len(body) < int(lengths[0] if lengths else 0):
                body += connection.recv(65536)
            return head + b"\r\n\r\n" + body

        threading.Thread(target=leash, daemon=True).start()
        silent = []
        asked = 0
        while True:
            connection, _ = server.accept()
            request = read(connection)
            with open(f"{folder}/new", "wb") as file:
                file.write(request)
            os.rename(f"{folder}/new", f"{folder}/request-{asked}")
            with open(f"{folder}/answer-{min(asked, count - 1)}", "rb") as file:
                answer = file.read()
            asked += 1
            if not answer:
                silent.append(connection)
                continue
            connection.sendall(answer)
            connection.shutdown(socket.SHUT_WR)
            connection.close()
        """#
}
