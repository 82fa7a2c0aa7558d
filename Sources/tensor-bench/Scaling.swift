// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Forecasting
import Foundation

/// Training steps on longer and longer sequences, with ProbSparse and with full attention.
struct Scaling: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Training steps on 256 to 4,096 time steps, with ProbSparse and with full attention."
    )

    @OptionGroup var machine: MachineOptions
    @Option(help: "How often each is measured.")
    var rounds = 3

    func run() throws {
        machine.describe()
        try Self.measure(threads: machine.threads, rounds: rounds)
    }

    static func measure(threads: Int, rounds: Int) throws {
        print("Training step over longer sequences: width 64, 4 heads, batch 2, in ms of processor time")
        print("| steps | ProbSparse | to half the length | L log L | full | ProbSparse faster |")
        print("|---|---|---|---|---|---|")
        var before: Double?
        for length in [256, 512, 1_024, 2_048, 4_096] {
            let (sparse, full) = (
                try model(length, .probSparse, threads: threads), try model(length, .full, threads: threads)
            )
            let repetitions = max(1, 2_048 / length)
            var (least, other) = (LeastTime.never, LeastTime.never)
            for _ in 0..<rounds {
                least = least.least(sparse.train(repetitions))
                other = other.least(full.train(repetitions))
            }
            let growth = before.map { String(format: "%.2f x", least.processor / $0) } ?? ""
            let expected = before.map { _ in String(format: "%.2f x", 2 * log(Double(length)) / log(Double(length / 2)))
            }
            let cells = [
                "\(length)", String(format: "%.1f", least.processor), growth, expected ?? "",
                String(format: "%.1f", other.processor), String(format: "%.2f x", other.processor / least.processor),
            ]
            print("| \(cells.joined(separator: " | ")) |")
            before = least.processor
        }
    }

    private static func model(
        _ length: Int,
        _ attention: InformerConfiguration.Attention,
        threads: Int
    ) throws -> OwnModel {
        var c = InformerConfiguration(inputs: 7, outputs: 7, marks: 4, lookback: length, labelLength: 48, horizon: 24)
        (c.dModel, c.heads, c.feedForward, c.attention) = (64, 4, 256, attention)
        return try OwnModel(c, batch: 2, threads: threads)
    }
}
