// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Fuzzing

/// Where libFuzzer, which brings the main function, hands over each input. A crash or a hang is its to report.
enum FuzzEntry {
    private static let target = ProcessInfo.processInfo.environment["ALMANAC_FUZZ_TARGET"]
        .flatMap(FuzzTarget.init(rawValue:))

    @_cdecl("LLVMFuzzerTestOneInput")
    static func run(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        guard let target else {
            let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
            fatalError("ALMANAC_FUZZ_TARGET must be one of \(names)")
        }
        let bytes = start.map { Data(bytes: $0, count: count) } ?? Data()
        precondition(target.holds(for: bytes), "what has to hold for any bytes did not: target \(target)")
        return 0
    }
}
