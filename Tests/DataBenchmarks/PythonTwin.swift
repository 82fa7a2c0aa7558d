// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The libraries of others, in a Python process of its own that ends with its owner.
final class PythonTwin {
    struct Written: Decodable {
        let version: String
    }

    struct Reading: Decodable {
        let seconds: Double
        let rows: Int
        let peakBytes: Int
        /// Of the library.
        let version: String?
    }

    enum Failure: Error, CustomStringConvertible {
        case ended

        var description: String { "Python's process ended without an answer; what it said of it is above" }
    }

    private let process = Process()
    private let (input, output) = (Pipe(), Pipe())

    init(python: String, script: String, threads: Int) throws {
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [script, "\(threads)"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Sends a line and decodes the line that it is answered with.
    func ask<Answer: Decodable>(_ command: String, _ number: Int, _ path: String) throws -> Answer {
        try input.fileHandleForWriting.write(contentsOf: Data("\(command) \(number) \(path)\n".utf8))
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure.ended }
            line += more
        }
        return try JSONDecoder().decode(Answer.self, from: line)
    }
}
