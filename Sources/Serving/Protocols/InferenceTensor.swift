// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A tensor of a request by the Open Inference Protocol, as it was written.
struct InferenceTensor: Sendable {
    private(set) var name: String?
    private(set) var datatype: String?
    private(set) var shape: [Double]?
    /// The numbers; nil where there are none.
    private(set) var data: [Double]?
    /// How the numbers were nested.
    private(set) var dataShape: [Int] = []
    /// The texts, for BYTES.
    private(set) var texts: [String]?
    /// How many bytes behind the JSON belong to the tensor; nil where its data stand in the JSON.
    private(set) var binarySize: Int?

    /// Reads a tensor, which will hold about `count` numbers.
    init(_ field: String, expecting count: Int, _ scanner: inout JSONScanner) throws(ServingError) {
        try scanner.object(field) { (key, scanner) throws(ServingError) in
            switch key {
            case "name": name = try scanner.string("\(field).name")
            case "datatype": datatype = try scanner.string("\(field).datatype")
            case "shape":
                var sizes: [Double] = []
                let found = try scanner.numbers("\(field).shape", into: &sizes)
                guard found.count == 1, sizes.allSatisfy(\.isFinite) else {
                    throw .invalidBody(field: "\(field).shape", problem: "must be a flat list of whole numbers")
                }
                shape = sizes
            case "data": try readData(field, expecting: count, &scanner)
            case "parameters": try readParameters("\(field).parameters", &scanner)
            default: try scanner.skip()
            }
        }
    }

    private mutating func readData(
        _ field: String,
        expecting count: Int,
        _ scanner: inout JSONScanner
    ) throws(ServingError) {
        guard data == nil, texts == nil else {
            throw .invalidBody(field: "\(field).data", problem: "is there twice")
        }
        guard !scanner.isArrayOfStrings() else {
            var texts: [String] = []
            try scanner.array("\(field).data") { (position, scanner) throws(ServingError) in
                texts.append(try scanner.string("\(field).data[\(position)]"))
            }
            self.texts = texts
            return
        }
        var data: [Double] = []
        data.reserveCapacity(count)
        dataShape = try scanner.numbers("\(field).data", into: &data)
        self.data = data
    }

    private mutating func readParameters(_ field: String, _ scanner: inout JSONScanner) throws(ServingError) {
        if scanner.takeNull() { return }
        try scanner.object(field) { (key, scanner) throws(ServingError) in
            guard key == "binary_data_size" else { return try scanner.skip() }
            let number = try scanner.number("\(field).\(key)")
            guard let size = Int(exactly: number), size >= 0 else {
                throw .invalidBody(field: "\(field).\(key)", problem: "is \(number); must be a number of bytes")
            }
            binarySize = size
        }
    }

    // MARK: Binary data

    /// Takes the tensor's own bytes from those behind the JSON, little-endian; returns how many they were.
    ///
    /// - Parameter takesGaps: Whether NaN stands for a value that is missing.
    mutating func readBinary(
        _ bytes: ArraySlice<UInt8>,
        _ field: String,
        takesGaps: Bool
    ) throws(ServingError) -> Int {
        guard let size = binarySize else { return 0 }
        let place = "\(field).parameters.binary_data_size"
        guard data == nil, texts == nil else {
            throw .invalidBody(field: "\(field).data", problem: "is given in the JSON and behind it")
        }
        guard size <= bytes.count else {
            throw .invalidBody(field: place, problem: "is \(size); \(bytes.count) bytes are left behind the JSON")
        }
        let own = bytes.prefix(size)
        switch datatype {
        case "FP32":
            data = try Self.words(own, width: 4, place).map {
                Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0)))
            }
        case "FP64": data = try Self.words(own, width: 8, place).map { Double(bitPattern: $0) }
        case "INT64": data = try Self.words(own, width: 8, place).map { Double(Int64(bitPattern: $0)) }
        case "BYTES": texts = try Self.texts(own, place)
        default: throw .invalidBody(field: "\(field).datatype", problem: "must be FP32, FP64, INT64 or BYTES")
        }
        if let data {
            guard data.allSatisfy({ $0.isFinite || (takesGaps && $0.isNaN) }) else {
                throw .invalidBody(field: "\(field).data", problem: "holds a value that is no number (NaN or infinite)")
            }
            dataShape = [data.count]
        }
        return size
    }

    /// Little-endian words of some bytes each.
    private static func words(_ bytes: ArraySlice<UInt8>, width: Int, _ place: String) throws(ServingError) -> [UInt64]
    {
        guard bytes.count.isMultiple(of: width) else {
            throw .invalidBody(field: place, problem: "is \(bytes.count); must be a multiple of \(width)")
        }
        return stride(from: bytes.startIndex, to: bytes.endIndex, by: width).map { start in
            bytes[start..<start + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    /// Texts with their lengths before them in four bytes each.
    private static func texts(_ bytes: ArraySlice<UInt8>, _ place: String) throws(ServingError) -> [String] {
        var rest = bytes
        var texts: [String] = []
        while !rest.isEmpty {
            guard rest.count >= 4 else { throw .invalidBody(field: place, problem: "ends within a length") }
            let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard length <= rest.count, let text = String(validating: rest.prefix(length), as: UTF8.self) else {
                throw .invalidBody(field: place, problem: "holds a text that is cut off or not UTF-8")
            }
            texts.append(text)
            rest = rest.dropFirst(length)
        }
        return texts
    }
}
