// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The built program, run as its users run it.
final class WorkerProcess: Sendable {
    /// The program beside the tests; nil where it was not built.
    static let program: URL? = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let path = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("almanac-worker").path
        return FileManager.default.isExecutableFile(atPath: path) ? URL(fileURLWithPath: path) : nil
    }()

    private let process: Process
    private let output = Pipe()
    private let exits: AsyncStream<Int32>

    init(_ arguments: [String]) throws {
        let process = Process()
        let program: URL = try #require(Self.program)
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        let (exits, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { ended in
            continuation.yield(ended.terminationReason == .exit ? ended.terminationStatus : -1)
            continuation.finish()
        }
        self.exits = exits
        self.process = process
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// The first line of the standard output; empty when the process ends without one.
    func firstLine() async -> String {
        let (pieces, continuation) = AsyncStream.makeStream(of: Data.self)
        output.fileHandleForReading.readabilityHandler = { handle in
            let piece = handle.availableData
            if piece.isEmpty { continuation.finish() } else { continuation.yield(piece) }
        }
        defer { output.fileHandleForReading.readabilityHandler = nil }
        var text = ""
        for await piece in pieces {
            text += String(decoding: piece, as: UTF8.self)
            if let end = text.firstIndex(of: "\n") { return String(text[..<end]) }
        }
        return text
    }

    /// Sends SIGTERM.
    func terminate() { kill(process.processIdentifier, SIGTERM) }

    /// Waits for the end: the exit code, -1 after a signal.
    func exitCode() async -> Int32? {
        for await code in exits { return code }
        return nil
    }
}
