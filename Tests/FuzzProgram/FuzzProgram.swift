// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CFuzzer
import Foundation
import Fuzzing

/// Hands the process over to libFuzzer, with the options that are given to it.
@main
enum FuzzProgram {
    /// What this process fuzzes.
    private static let target: FuzzTarget = {
        let name = ProcessInfo.processInfo.environment["ALMANAC_FUZZ_TARGET"] ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
            FileHandle.standardError.write(Data("ALMANAC_FUZZ_TARGET is '\(name)'; must be one of \(names)\n".utf8))
            exit(EX_USAGE)
        }
        return target
    }()

    static func main() {
        // Before libFuzzer takes over, which would take the end of the process for a find.
        _ = target
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments, testOneInput))
    }

    fileprivate static func check(_ bytes: Data) {
        precondition(target.holds(for: bytes), "what has to hold for any bytes did not: target \(target)")
    }
}

/// What libFuzzer calls with each input; it links against a function of this name.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzProgram.check(start.map { Data(bytes: $0, count: count) } ?? Data())
    return 0
}
