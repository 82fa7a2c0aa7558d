// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import Parquet

/// What pyarrow says that files hold.
struct Reference: Decodable {
    /// A column, value by value; nil where it is missing.
    struct Column: Decodable {
        /// The values as text, in the form that `reference.py` describes.
        var texts: [String?]
        /// The values as the bytes of doubles; nil for columns without numbers.
        var numbers: [String?]?
    }

    /// Columns by name, by the name of their table.
    var tables: [String: [String: Column]]
    /// The table of each file.
    var files: [String: String]

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Reference")

    /// A Python that has pyarrow: the one of `make setup`, else the system's; nil where neither has it.
    static let python: String? = {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
        let found = ["\(cache)/almanac/venv/bin/python3", "/usr/bin/python3"].first { python in
            FileManager.default.isExecutableFile(atPath: python)
                && (try? run(python, ["-c", "import pyarrow.parquet"], isProbe: true)) != nil
        }
        if found == nil { print("skip: Parquet beside pyarrow: no Python with pyarrow ('make setup' brings it)") }
        return found
    }()

    init(folder: URL) throws {
        let data = try Data(contentsOf: folder.appendingPathComponent("expected.json"))
        self = try JSONDecoder().decode(Reference.self, from: data)
    }

    /// Runs `reference.py`.
    static func script(_ arguments: [String]) throws -> Data {
        try run(python ?? "", [folder.appendingPathComponent("reference.py").path] + arguments)
    }

    private static func run(_ program: String, _ arguments: [String], isProbe: Bool = false) throws -> Data {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = output
        // Why an import fails interests nobody.
        if isProbe { process.standardError = FileHandle.nullDevice }
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ReferenceError.failed(arguments, process.terminationStatus) }
        return data
    }

    /// Where a file differs from what it should hold; at most one difference a column.
    static func differences(_ path: String, _ expected: [String: Column], threads: Int) async throws -> [String] {
        let file = try await ParquetFile(try ParquetDiskFile(path: path))
        var found: [String] = []
        let names = file.columns.map(\.name)
        if Set(names) != Set(expected.keys) { found.append("the columns are \(names.sorted())") }
        var start = 0
        for group in file.rowGroups.indices {
            let columns = try await file.read(rowGroup: group, columns: names, threads: threads)
            for (name, values) in zip(names, columns) {
                guard let column = expected[name] else { continue }
                if let difference = difference(values, column, from: start) {
                    found.append("\(name), row group \(group): \(difference)")
                }
            }
            start += file.rowGroups[group]
        }
        if let rows = expected.values.first?.texts.count, rows != start { found.append("\(start) rows, not \(rows)") }
        return found
    }

    private static func difference(_ values: ParquetValues, _ expected: Column, from start: Int) -> String? {
        let numbers = values.numbers()
        if (numbers == nil) != (expected.numbers == nil) {
            return "numbers are \(numbers == nil ? "missing" : "there")"
        }
        for row in 0..<values.count {
            let text = values.text(row)
            let wanted = expected.texts[start + row]
            if text != wanted { return "row \(row) is \(text ?? "nil"), not \(wanted ?? "nil")" }
            guard let number = numbers?[row], let wanted = expected.numbers?[start + row] else { continue }
            let isSame = number.isNaN ? wanted.hasSuffix("f87f") || wanted.hasSuffix("f8ff") : number.hex == wanted
            if !isSame { return "row \(row) is the number \(number), not \(wanted)" }
        }
        return nil
    }
}

enum ReferenceError: Error {
    case failed([String], Int32)
}

extension ParquetValues {
    /// A value in the form that `reference.py` describes.
    func text(_ row: Int) -> String? {
        guard isPresent?[row] ?? true else { return nil }
        switch storage {
        case .booleans(let values): return values[row] ? "1" : "0"
        case .int32(let values):
            if case .integer(_, false) = column.kind { return String(UInt32(bitPattern: values[row])) }
            return String(values[row])
        case .int64(let values):
            switch column.kind {
            case .integer(_, false): return String(UInt64(bitPattern: values[row]))
            case .timestamp(let unit, _): return String(Int128(values[row]) * Int128(1_000_000_000 / unit.perSecond))
            default: return String(values[row])
            }
        case .int96(let values):
            let nanoseconds = Int128(values[row].seconds) * 1_000_000_000
            return String(nanoseconds + Int128(values[row].nanoseconds % 1_000_000_000))
        case .floats(let values): return values[row].bitPattern.hex
        case .doubles(let values): return values[row].hex
        case .texts(let texts):
            guard case .decimal = column.kind else { return texts[row].map(\.hex).joined() }
            let isNegative = texts[row].first.map { $0 >= 0x80 } ?? false
            return String(texts[row].reduce(Int128(isNegative ? -1 : 0)) { $0 << 8 | Int128($1) })
        }
    }
}

extension Double {
    /// Its bytes as they lie in memory, in hexadecimal digits.
    var hex: String { bitPattern.hex }
}

extension FixedWidthInteger {
    fileprivate var hex: String {
        var bytes = littleEndian
        return withUnsafeBytes(of: &bytes) { bytes in
            let digits = Array("0123456789abcdef".utf8)
            return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        }
    }
}
