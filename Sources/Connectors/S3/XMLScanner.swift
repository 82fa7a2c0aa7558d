// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// An element of an XML answer: its name without a prefix, its text, and the elements in it.
struct XMLElement: Sendable, Equatable {
    let name: String
    var text = ""
    var children: [XMLElement] = []

    /// The text of the first child of that name; nil where there is none.
    subscript(_ name: String) -> String? { children.first { $0.name == name }?.text }

    /// The children of that name.
    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }
}

/// Reads the XML that S3 servers answer with: elements and text. Attributes are skipped; document types, and with them
/// entities of one's own, are refused, so nothing can expand.
struct XMLScanner {
    /// Why a text is not read.
    struct Failure: Error, Equatable {
        let reason: String
    }

    /// Deeper than any answer of S3.
    private static let maximumDepth = 16

    private let bytes: [UInt8]
    private var position = 0

    /// The root element of a document.
    static func parse(_ bytes: [UInt8]) throws(Failure) -> XMLElement {
        var scanner = XMLScanner(bytes: bytes)
        return try scanner.document()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func document() throws(Failure) -> XMLElement {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        var open: [XMLElement] = []
        while true {
            if !open.isEmpty {
                open[open.count - 1].text += try text()
            } else {
                skipSpace()
            }
            guard position < bytes.count else { throw Failure(reason: "it ends within an element") }
            if try skipNonElement(into: &open) { continue }
            guard take("<") else { throw Failure(reason: "it begins with something other than an element") }
            if take("/") {
                let name = try self.name()
                skipSpace()
                guard take(">"), let closed = open.popLast(), closed.name == name else {
                    throw Failure(reason: "an end tag is not that of its element")
                }
                if open.isEmpty { return closed }
                open[open.count - 1].children.append(closed)
            } else {
                let element = XMLElement(name: try name())
                guard open.count < Self.maximumDepth else { throw Failure(reason: "it is nested too deeply") }
                if try skipAttributes() {
                    open.append(element)
                } else if open.isEmpty {
                    return element
                } else {
                    open[open.count - 1].children.append(element)
                }
            }
        }
    }

    /// Skips a declaration or comment, and takes a CDATA section's text; false where there is an element's tag.
    private mutating func skipNonElement(into open: inout [XMLElement]) throws(Failure) -> Bool {
        if take("<?") {
            _ = try upTo("?>")
            return true
        }
        if take("<!--") {
            _ = try upTo("-->")
            return true
        }
        if !open.isEmpty, take("<![CDATA[") {
            open[open.count - 1].text += String(decoding: try upTo("]]>"), as: UTF8.self)
            return true
        }
        if next("<!") { throw Failure(reason: "it holds a document type") }
        return false
    }

    /// Skips what follows a start tag's name; false where the tag ends its element.
    private mutating func skipAttributes() throws(Failure) -> Bool {
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: ">"): return true
            case UInt8(ascii: "/"):
                guard take(">") else { throw Failure(reason: "a tag does not end") }
                return false
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                guard let end = bytes[position...].firstIndex(of: byte) else {
                    throw Failure(reason: "an attribute does not end")
                }
                position = end + 1
            case UInt8(ascii: "<"): throw Failure(reason: "a tag does not end")
            default: continue
            }
        }
        throw Failure(reason: "a tag does not end")
    }

    /// A tag's name, without its prefix.
    private mutating func name() throws(Failure) -> String {
        let start = position
        while position < bytes.count, Self.isName(bytes[position]) { position += 1 }
        guard position > start else { throw Failure(reason: "a tag has no name") }
        let whole = bytes[start..<position]
        let local = whole.lastIndex(of: UInt8(ascii: ":")).map { whole[($0 + 1)...] } ?? whole
        return String(decoding: local, as: UTF8.self)
    }

    /// The text up to the next tag.
    private mutating func text() throws(Failure) -> String {
        var result: [UInt8] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") {
            if bytes[position] == UInt8(ascii: "&") {
                result += try entity()
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private mutating func entity() throws(Failure) -> [UInt8] {
        let limit = bytes[position...].prefix(12)
        guard let end = limit.firstIndex(of: UInt8(ascii: ";")) else { throw Failure(reason: "an entity does not end") }
        let name = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
        position = end + 1
        switch name {
        case "amp": return [UInt8(ascii: "&")]
        case "lt": return [UInt8(ascii: "<")]
        case "gt": return [UInt8(ascii: ">")]
        case "quot": return [UInt8(ascii: "\"")]
        case "apos": return [UInt8(ascii: "'")]
        default:
            guard name.hasPrefix("#") else { throw Failure(reason: "it holds an entity that is not XML's own") }
            let digits = name.dropFirst()
            let value = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            guard let value, let scalar = Unicode.Scalar(value) else {
                throw Failure(reason: "it holds a number that is no character")
            }
            return Array(String(scalar).utf8)
        }
    }

    // MARK: Bytes

    private mutating func upTo(_ end: StaticString) throws(Failure) -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count {
            if next(end) {
                defer { position += end.utf8CodeUnitCount }
                return bytes[start..<position]
            }
            position += 1
        }
        throw Failure(reason: "a section does not end")
    }

    private func next(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        guard next(text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: ":"), 0x80...:
            true
        default: false
        }
    }
}
