// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Named tensors and text metadata in the safetensors format (huggingface.co/docs/safetensors): the length of a JSON
/// header in 8 bytes, little-endian; the header; the elements, little-endian, without holes.
package struct SafetensorsFile: Hashable, Sendable {
    /// The tensors, with distinct names.
    package let tensors: [NamedTensor]
    /// Free text about them.
    package let metadata: [String: String]

    /// Headers beyond this size are refused, as the reference implementation does.
    static let largestHeader = 100_000_000
    private static let metadataKey = "__metadata__"

    /// A file of tensors.
    /// - Throws: `ForecastingError.invalidSafetensors` when a name is there twice or is reserved.
    package init(tensors: [NamedTensor], metadata: [String: String] = [:]) throws(ForecastingError) {
        var names: Set<String> = [Self.metadataKey]
        for tensor in tensors {
            guard names.insert(tensor.name).inserted else {
                throw .invalidSafetensors(reason: "the name '\(tensor.name)' is there twice or reserved")
            }
        }
        self.tensors = tensors
        self.metadata = metadata
    }

    // MARK: Writing

    /// The file's bytes; the same tensors and metadata always give the same bytes.
    /// - Throws: `ForecastingError.invalidSafetensors` when the header cannot be written.
    package func encoded() throws(ForecastingError) -> [UInt8] {
        try Self.encoded(tensors.map(TensorParts.init), metadata).joined
    }

    /// A file of tensors with distinct names, of which nothing is copied.
    /// - Throws: `ForecastingError.invalidSafetensors` when the header cannot be written.
    static func encoded(
        _ tensors: [TensorParts],
        _ metadata: [String: String]
    ) throws(ForecastingError) -> SegmentedBytes {
        var header: [String: HeaderEntry] = [:]
        var end = 0
        for tensor in tensors {
            let start = end
            end += tensor.byteCount
            header[tensor.name] = .tensor(
                TensorEntry(dtype: tensor.type.rawValue, shape: tensor.shape, data_offsets: [start, end])
            )
        }
        if !metadata.isEmpty { header[metadataKey] = .metadata(metadata) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(header) else {
            throw .invalidSafetensors(reason: "the header cannot be written as JSON")
        }
        // Spaces pad the header so that the elements begin at a multiple of 8 bytes.
        let padding = (8 - json.count % 8) % 8
        var start = withUnsafeBytes(of: UInt64(json.count + padding).littleEndian) { Array($0) }
        start += json
        start += [UInt8](repeating: UInt8(ascii: " "), count: padding)
        var bytes = SegmentedBytes(start)
        for tensor in tensors { for part in tensor.parts { bytes.append(part) } }
        return bytes
    }

    // MARK: Reading

    /// Reads a file, trusting nothing in it: every length and offset is checked before it is used.
    /// - Throws: `ForecastingError.invalidSafetensors`.
    package init(decoding bytes: [UInt8]) throws(ForecastingError) { try self.init(reading: MemoryReader(bytes)) }

    /// Reads a file, trusting nothing in it, with no more memory than the elements take.
    /// - Throws: `ForecastingError`: `invalidSafetensors`, and what reading throws.
    init(reading file: some ArtifactReader) throws(ForecastingError) {
        guard file.size >= 8 else { throw .invalidSafetensors(reason: "\(file.size) bytes hold no header length") }
        let length = try file.bytes(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(min(Self.largestHeader, file.size - 8)) else {
            throw .invalidSafetensors(reason: "a header of \(length) bytes does not fit into \(file.size) bytes")
        }
        let json = Data(try file.bytes(Int(length)))
        guard let header = try? JSONDecoder().decode([String: HeaderEntry].self, from: json) else {
            throw .invalidSafetensors(reason: "the header is not a JSON object of tensors")
        }
        var metadata: [String: String] = [:]
        var entries: [(name: String, entry: TensorEntry)] = []
        for (name, entry) in header {
            switch entry {
            case .metadata(let text) where name == Self.metadataKey: metadata = text
            case .tensor(let tensor) where name != Self.metadataKey: entries.append((name, tensor))
            default: throw .invalidSafetensors(reason: "the entry '\(name.prefix(64))' is not of its kind")
            }
        }
        self.metadata = metadata
        self.tensors = try Self.tensors(entries, file, dataCount: file.size - 8 - Int(length))
    }

    /// Reads the tensors in the order of their offsets, which must cover all elements without a hole.
    private static func tensors(
        _ entries: [(name: String, entry: TensorEntry)],
        _ file: some ArtifactReader,
        dataCount: Int
    ) throws(ForecastingError) -> [NamedTensor] {
        for (name, entry) in entries {
            guard entry.data_offsets.count == 2, entry.data_offsets[0] >= 0,
                entry.data_offsets[0] <= entry.data_offsets[1],
                entry.data_offsets[1] <= dataCount
            else { throw .invalidSafetensors(reason: "the offsets of '\(name.prefix(64))' are not within the file") }
        }
        let ordered = entries.sorted {
            ($0.entry.data_offsets[0], $0.entry.data_offsets[1], $0.name)
                < ($1.entry.data_offsets[0], $1.entry.data_offsets[1], $1.name)
        }
        var result: [NamedTensor] = []
        var end = 0
        for (name, entry) in ordered {
            let (start, stop) = (entry.data_offsets[0], entry.data_offsets[1])
            guard start == end else {
                throw .invalidSafetensors(reason: "there is a hole or an overlap before '\(name.prefix(64))'")
            }
            guard let type = ElementType(rawValue: entry.dtype) else {
                throw .invalidSafetensors(
                    reason: "'\(name.prefix(64))' is of type \(entry.dtype.prefix(16)); we read F32, F64 and I64"
                )
            }
            guard let count = elementCount(entry.shape), count == (stop - start) / type.size,
                (stop - start) % type.size == 0
            else { throw .invalidSafetensors(reason: "the shape of '\(name.prefix(64))' does not fit its bytes") }
            let values = try NamedTensor.Values(type, count: count, from: file)
            result.append(NamedTensor(name: name, shape: entry.shape, values: values))
            end = stop
        }
        guard end == dataCount else {
            throw .invalidSafetensors(reason: "\(dataCount - end) bytes belong to no tensor")
        }
        return result
    }

    /// The product of the sizes; nil where one is negative or the product does not fit.
    private static func elementCount(_ shape: [Int]) -> Int? {
        var count = 1
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow else { return nil }
            count = product
        }
        return count
    }
}
