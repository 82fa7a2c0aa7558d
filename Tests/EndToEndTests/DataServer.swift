// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeTestSupport

/// A web server on this machine, which pods read their data from.
final class DataServer: Sendable {
    private let folder: URL
    private let process: ChildProcess
    /// The address of the data for pods.
    let url: String

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "almanac-data-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let program = """
            import functools, http.server, sys, time
            class Handler(http.server.SimpleHTTPRequestHandler):
                def do_GET(self):
                    if self.path == "/silence":
                        time.sleep(600)
                    return super().do_GET()
            handler = functools.partial(Handler, directory=sys.argv[2])
            server = http.server.ThreadingHTTPServer((sys.argv[1], 0), handler)
            print(server.server_port, flush=True)
            server.serve_forever()
            """
        process = try ChildProcess("/usr/bin/env", ["python3", "-c", program, RealCluster.hostAddress, folder.path])
        let port = process.readLine()
        url = "http://\(RealCluster.hostAddress):\(port)"
    }

    deinit {
        process.kill()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Puts a file in the place of the one of that name, in one step.
    func publish(_ csv: String, as name: String) throws {
        try Data(csv.utf8).write(to: folder.appending(path: name), options: .atomic)
    }

    /// Rows that follow each other, and the time of the last one.
    struct History {
        var values: [Double]
        var end: String
    }

    /// Histories of so many rows from the second half of such rows.
    static func histories(of csv: String, rows: Int) -> [History] {
        let lines = csv.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
        return stride(from: lines.count / 2, to: lines.count - 2 * rows, by: 7).map { first in
            let part = lines[first..<first + rows]
            return History(values: part.compactMap { Double($0[1]) }, end: part.last.map { String($0[0]) } ?? "")
        }
    }

    /// Hourly rows of a wave, by default a daily one, with a slow trend; `noise` is its share of what cannot be forecast.
    static func wave(days: Int, noise: Double, period: Double = 24, amplitude: Double = 20) -> String {
        var lines = ["time,value"]
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func random() -> Double {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Double(state >> 11) / Double(1 << 53) - 0.5
        }
        let start = Date(timeIntervalSince1970: 1_704_067_200)
        for hour in 0..<days * 24 {
            let time = start.addingTimeInterval(Double(hour) * 3_600).formatted(.iso8601)
            let value =
                100 + amplitude * sin(Double(hour) * 2 * .pi / period) + Double(hour) * 0.01 + 100 * noise * random()
            lines.append("\(time),\(value)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
