// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The element types of safetensors that we read and write.
enum ElementType: String {
    case float32 = "F32"
    case float64 = "F64"
    case int64 = "I64"

    /// The bytes of an element.
    var size: Int { self == .float32 ? 4 : 8 }
}

/// A tensor's entry in the header, with the format's own names.
struct TensorEntry: Codable {
    let dtype: String
    let shape: [Int]
    // swift-format-ignore: AlwaysUseLowerCamelCase
    let data_offsets: [Int]
}

/// An entry of the header: a tensor, or the metadata.
enum HeaderEntry: Codable {
    case tensor(TensorEntry)
    case metadata([String: String])

    init(from decoder: any Decoder) throws {
        if let tensor = try? TensorEntry(from: decoder) {
            self = .tensor(tensor)
        } else {
            self = .metadata(try [String: String](from: decoder))
        }
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .tensor(let tensor): try tensor.encode(to: encoder)
        case .metadata(let text): try text.encode(to: encoder)
        }
    }
}

extension NamedTensor.Values {
    var elementType: ElementType {
        switch self {
        case .float32: .float32
        case .float64: .float64
        case .int64: .int64
        }
    }

    /// The elements in bytes whose count is a multiple of the element size.
    init(_ type: ElementType, littleEndian bytes: ArraySlice<UInt8>) {
        switch type {
        case .float32:
            self = .float32(Self.words(bytes, UInt32.self).map { Float(bitPattern: UInt32(littleEndian: $0)) })
        case .float64:
            self = .float64(Self.words(bytes, UInt64.self).map { Double(bitPattern: UInt64(littleEndian: $0)) })
        case .int64:
            self = .int64(Self.words(bytes, UInt64.self).map { Int64(bitPattern: UInt64(littleEndian: $0)) })
        }
    }

    private static func words<Word: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>, _: Word.Type) -> [Word] {
        let size = MemoryLayout<Word>.size
        return bytes.withUnsafeBytes { raw in
            (0..<(raw.count / size)).map { raw.loadUnaligned(fromByteOffset: $0 * size, as: Word.self) }
        }
    }

    /// Appends the elements, little-endian. The closures are no key paths, which are followed anew for each element.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .float32(let values):
            values.map { $0.bitPattern.littleEndian }.withUnsafeBytes { bytes.append(contentsOf: $0) }
        case .float64(let values):
            values.map { $0.bitPattern.littleEndian }.withUnsafeBytes { bytes.append(contentsOf: $0) }
        case .int64(let values):
            values.map { $0.littleEndian }.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
    }
}
