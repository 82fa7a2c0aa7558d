// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation

/// A program that answers lines with lines; it ends when its input does.
final class ChildProcess {
    enum Failure: Error, CustomStringConvertible {
        case ended(String)

        var description: String {
            switch self {
            case .ended(let program): "\(program) ended without an answer; what it said of it is above"
            }
        }
    }

    private let program: String
    private let process = Process()
    private let (input, output) = (Pipe(), Pipe())
    private var unread = Data()

    init(_ program: String, _ arguments: [String]) throws {
        self.program = program
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    func write(_ line: Data) throws { try input.fileHandleForWriting.write(contentsOf: line + [UInt8(ascii: "\n")]) }

    /// The next line of the answer.
    func readLine() throws -> Data {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread = unread[(end + 1)...] }
                return unread[..<end]
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure.ended(program) }
            unread += more
        }
    }
}

/// The same model in PyTorch, in a process of its own.
final class TorchTwin {
    private struct Start: Encodable {
        struct Configuration: Encodable {
            let columns, marks, lookback, label, horizon, width, heads, feedForward: Int
            let factor, encoderLayers, decoderLayers: Int
            let dropout: Double
        }

        let threads: Int
        let configuration: Configuration
    }

    private struct Started: Decodable {
        let torch: String
        let parameters: Int
    }

    private struct Request: Encodable {
        let work: String
        var batch = 0
        var repetitions = 0
    }

    /// The most memory that a process has held, in bytes.
    struct Memory: Decodable {
        let peak: Int
    }

    private let process: ChildProcess
    let version: String
    let parameters: Int

    init(python: String, script: String, setting: BenchSetting, threads: Int) throws {
        let (c, process) = (setting.configuration, try ChildProcess(python, [script]))
        let configuration = Start.Configuration(
            columns: c.inputs,
            marks: c.marks,
            lookback: c.lookback,
            label: c.labelLength,
            horizon: c.horizon,
            width: c.dModel,
            heads: c.heads,
            feedForward: c.feedForward,
            factor: c.factor,
            encoderLayers: c.encoderLayers,
            decoderLayers: c.decoderLayers,
            dropout: c.dropout
        )
        let start = Start(threads: threads, configuration: configuration)
        let started = try Self.ask(process, start, for: Started.self)
        (self.process, version, parameters) = (process, started.torch, started.parameters)
    }

    /// The least time of some repetitions, after those of earlier calls to warm up.
    func measure(_ work: BenchSetting.Work, _ repetitions: Int) throws -> LeastTime {
        let request = Request(work: work.kind.rawValue, batch: work.batch, repetitions: repetitions + 1)
        return try Self.ask(process, request, for: LeastTime.self)
    }

    func peakMemory() throws -> Int { try Self.ask(process, Request(work: "memory"), for: Memory.self).peak }

    private static func ask<Answer: Decodable>(
        _ process: ChildProcess,
        _ request: some Encodable,
        for answer: Answer.Type
    ) throws -> Answer {
        try process.write(try JSONEncoder().encode(request))
        return try JSONDecoder().decode(Answer.self, from: try process.readLine())
    }
}
