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

    /// The next `count` elements of a file.
    init(_ type: ElementType, count: Int, from file: some ArtifactReader) throws(ForecastingError) {
        switch type {
        case .float32: self = .float32(try file.elements(count))
        case .float64: self = .float64(try file.elements(count))
        case .int64: self = .int64(try file.elements(count))
        }
    }
}

/// A tensor to write, whose elements may lie in several arrays of one type.
struct TensorParts {
    let name: String
    let shape: [Int]
    let type: ElementType
    let parts: [NamedTensor.Values]

    init(_ name: String, shape: [Int], _ type: ElementType, _ parts: [NamedTensor.Values]) {
        self.name = name
        self.shape = shape
        self.type = type
        self.parts = parts
    }

    init(_ tensor: NamedTensor) {
        self.init(tensor.name, shape: tensor.shape, tensor.values.elementType, [tensor.values])
    }

    var byteCount: Int { parts.reduce(0) { $0 + $1.count } * type.size }
}
