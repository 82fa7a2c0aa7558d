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
    package static func run(_ script: String, _ arguments: [String]) throws -> Data {
        try run(["-c", script] + arguments, by: python ?? "python3", isProbe: false)
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
            throw TestServerError.refused("Python ended with status \(process.terminationStatus)")
        }
        return data
    }
}
