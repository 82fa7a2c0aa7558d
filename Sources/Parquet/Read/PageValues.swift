// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What the values of a physical type have of their own: how a page's bytes become values.
protocol PageValues {
    associatedtype Value: BitwiseCopyable

    /// What stands where a value is missing.
    static var blank: Value { get }

    /// Takes the values of a dictionary page, which are in plain encoding.
    mutating func takeDictionary(_ bytes: UnsafeRawBufferPointer, count: Int) throws(ParquetProblem)

    /// The dictionary; nil before there was one.
    var dictionary: [Value]? { get }

    /// Decodes `count` values of any encoding but a dictionary's.
    mutating func decode(
        _ encoding: PageEncoding,
        _ bytes: UnsafeRawBufferPointer,
        count: Int,
        into target: UnsafeMutablePointer<Value>
    ) throws(ParquetProblem)
}

extension PageValues {
    /// Decodes `count` indexes into the dictionary and looks the values up.
    func decodeIndexes(
        _ bytes: UnsafeRawBufferPointer,
        count: Int,
        into target: UnsafeMutablePointer<Value>
    ) throws(ParquetProblem) {
        guard let dictionary else { throw .damaged("it refers to a dictionary, and there is none before it") }
        var cursor = ByteCursor(bytes)
        let width = Int(try cursor.byte())
        var decoder = try HybridDecoder(cursor.rest, width: width)
        if let index = try decoder.uniform(count) {
            guard index < dictionary.count else { throw Self.beyond(index, dictionary.count) }
            target.update(repeating: dictionary[Int(index)], count: count)
            return
        }
        let batch = 1024
        try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: batch) { indexes throws(ParquetProblem) in
            guard let indexes = indexes.baseAddress else { return }
            for start in stride(from: 0, to: count, by: batch) {
                let part = min(batch, count - start)
                try decoder.decode(part, into: indexes)
                try Self.lookUp(indexes, part, dictionary, into: target + start)
            }
        }
    }

    private static func lookUp(
        _ indexes: UnsafePointer<UInt32>,
        _ count: Int,
        _ dictionary: [Value],
        into target: UnsafeMutablePointer<Value>
    ) throws(ParquetProblem) {
        var highest: UInt32 = 0
        for index in 0..<count { highest = max(highest, indexes[index]) }
        guard highest < dictionary.count else { throw beyond(highest, dictionary.count) }
        dictionary.withUnsafeBufferPointer { dictionary in
            for index in 0..<count { target[index] = dictionary[Int(indexes[index])] }
        }
    }

    private static func beyond(_ index: UInt32, _ count: Int) -> ParquetProblem {
        .damaged("it refers to entry \(index) of a dictionary of \(count)")
    }

    static func unexpected(_ encoding: PageEncoding, of type: String) -> ParquetProblem {
        .unsupported("the encoding \(encoding) of \(type) values")
    }
}
