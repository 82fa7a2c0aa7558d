// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Forecasting
import Foundation
import Tensor

/// Measures the numeric engine by its hardest model, beside PyTorch where there is one.
@main
struct TensorBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tensor-bench",
        abstract: "Figures of the numeric engine, by Informer.",
        subcommands: [Compare.self, Scaling.self, PeakMemory.self, LongFit.self],
        defaultSubcommand: Compare.self
    )
}

/// What all measurements are told.
struct MachineOptions: ParsableArguments {
    @Option(help: "Threads of the engine, and of PyTorch.")
    var threads = 2

    /// What figures depend on besides the program.
    func describe() {
        let processor =
            (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
            .split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last ?? " unknown"
        print(
            "Processor:\(processor), \(ProcessInfo.processInfo.activeProcessorCount) of them; \(threads) threads; "
                + "kernels for \(InstructionSet.best), OpenBLAS for \(BLAS.processor)."
        )
        guard let forced = ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] else { return }
        print("OPENBLAS_CORETYPE=\(forced) is set: OpenBLAS does not look at the processor, and may be half as fast.")
    }
}

/// Training steps and forecasts of three settings, ours and PyTorch's by turns.
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Training steps and forecasts of three settings, beside PyTorch's; peak memory; long sequences.",
        discussion: "Each figure is the least of several short runs, since others may work on the machine."
    )

    @OptionGroup var machine: MachineOptions
    @Option(help: "Settings to measure.")
    var settings = BenchSetting.all.map(\.name)
    @Option(help: "Works to measure.")
    var works = BenchSetting.all.first?.works.map(\.name) ?? []
    @Option(help: "How often each is measured.")
    var rounds = 5
    @Option(help: "A Python with PyTorch; also by ALMANAC_TORCH_PYTHON. Without one, only ours is measured.")
    var torch: String?
    @Option(help: "The twin of our model, from the top of the repository.")
    var twin = "Tests/TensorTests/Reference/informer.py"

    func run() throws {
        machine.describe()
        let python = torch ?? ProcessInfo.processInfo.environment["ALMANAC_TORCH_PYTHON"]
        if python == nil {
            print(
                "PyTorch is not measured: install it as Tests/TensorTests/Reference/README.md says, and name its python "
                    + "in ALMANAC_TORCH_PYTHON."
            )
        }
        let chosen = BenchSetting.all.filter { settings.contains($0.name) }
        let isWhole = chosen.count == BenchSetting.all.count && works.count == BenchSetting.all.first?.works.count
        ComparisonRow.printHeader()
        for setting in chosen { try measure(setting, python) }
        guard isWhole, let largest = chosen.last else { return }
        try compareMemory(largest, python)
        print()
        try Scaling.measure(threads: machine.threads, rounds: rounds)
    }

    private func start(_ setting: BenchSetting, _ python: String?) throws -> TorchTwin? {
        try python.map { try TorchTwin(python: $0, script: twin, setting: setting, threads: machine.threads) }
    }

    /// The three kinds of work, by turns, so that a disturbance hits both.
    private func measure(_ setting: BenchSetting, _ python: String?) throws {
        let (ours, theirs) = (try OwnModel(setting, threads: machine.threads), try start(setting, python))
        if let theirs, theirs.parameters != setting.configuration.parameterCount {
            throw ValidationError("\(twin): \(theirs.parameters) parameters, not those of \(setting.name)")
        }
        for work in setting.works where works.contains(work.name) {
            var row = ComparisonRow(setting: setting, work: work)
            for _ in 0..<rounds {
                row.ours = row.ours.least(ours.measure(work, setting.repetitions(of: work, torch: false)))
                guard let theirs else { continue }
                let other = try theirs.measure(work, setting.repetitions(of: work, torch: true))
                row.theirs = (row.theirs ?? .never).least(other)
            }
            row.print()
        }
    }

    /// The most memory of a process that trains a setting and does nothing else.
    private func compareMemory(_ setting: BenchSetting, _ python: String?) throws {
        let own = try ChildProcess("/proc/self/exe", ["peak-memory", setting.name, "--threads", "\(machine.threads)"])
        let ours = try JSONDecoder().decode(TorchTwin.Memory.self, from: try own.readLine()).peak
        var line = "\nPeak memory of training \(setting.name): \(ours / 1_000_000) MB"
        if let theirs = try start(setting, python) {
            _ = try theirs.measure(setting.works[0], 3)
            let other = try theirs.peakMemory()
            let share = String(format: "%.2f", Double(ours) / Double(other))
            line += ", \(share) of the \(other / 1_000_000) MB of PyTorch \(theirs.version)"
        }
        print(line)
    }
}

/// The most memory of this process after some training steps, as a JSON object.
struct PeakMemory: ParsableCommand {
    static let configuration = CommandConfiguration(shouldDisplay: false)

    @OptionGroup var machine: MachineOptions
    @Argument var setting: String

    func run() throws {
        guard let setting = BenchSetting.all.first(where: { $0.name == setting }) else {
            throw ValidationError("no setting is called \(setting)")
        }
        _ = try OwnModel(setting, threads: machine.threads).measure(setting.works[0], 3)
        // Not getrusage: its figure begins with that of the process that started this one.
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
        let peak = status.first { $0.hasPrefix("VmHWM:") }?.split(separator: " ").compactMap { Int($0) }.first ?? 0
        print("{\"peak\": \(peak * 1_024)}")
    }
}
