// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// The Python libraries that people read files with, as `make setup` brings them.
package enum PythonTools {
    /// A Python that has pandas and pyarrow: the one of `make setup`, else the system's; nil where neither has them.
    package static let python: String? = {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
        let found = ["\(cache)/almanac/venv/bin/python3", "/usr/bin/python3"].first { python in
            FileManager.default.isExecutableFile(atPath: python)
                && (try? run(["-c", "import pandas, pyarrow"], by: python, isProbe: true)) != nil
        }
        if found == nil { print("skipped: tests with pandas: no Python with pandas and pyarrow ('make setup')") }
        return found
    }()

    /// Whether that Python has a module; says so where it has not.
    package static func has(_ module: String, for tests: String) -> Bool {
        guard let python else { return false }
        if (try? run(["-c", "import \(module)"], by: python, isProbe: true)) != nil { return true }
        print("skipped: \(tests): \(python) has no \(module) ('make setup')")
        return false
    }

    /// What a script prints, with arguments as `sys.argv[1:]`.
    ///
    /// The process ends where the script does, without Python's clearing up: pyarrow's threads may still run then, and
    /// one in five processes that read Parquet by pandas is aborted by them after its work is done (apache/arrow#34314).
    package static func run(_ script: String, _ arguments: [String]) throws -> Data {
        let end = "\nimport os, sys; sys.stdout.flush(); os._exit(0)\n"
        return try run(["-c", script + end] + arguments, by: python ?? "python3", isProbe: false)
    }

    private static func run(_ arguments: [String], by python: String, isProbe: Bool) throws -> Data {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = arguments
        process.standardOutput = output
        // Why an import fails interests nobody.
        if isProbe { process.standardError = FileHandle.nullDevice }
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let cause = process.terminationReason == .uncaughtSignal ? "signal" : "status"
            throw TestServerError.refused("Python ended with \(cause) \(process.terminationStatus)")
        }
        return data
    }
}
