// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Cuts text into blocks of whole records by its quotes: outside of them every line break ends a record.
///
/// A quote opens a field if it is the field's first byte; otherwise it stands for itself. No other byte is looked at but
/// those of the lines at which blocks end.
struct CSVBlockCutter {
    private let text: UnsafeRawBufferPointer
    private let isFinal: Bool
    private let delimiter: UInt8

    /// - Parameter isFinal: Whether nothing follows the text, so that its end ends the last record.
    init(_ text: UnsafeRawBufferPointer, delimiter: UInt8, isFinal: Bool) {
        self.text = text
        self.delimiter = delimiter
        self.isFinal = isFinal
    }

    /// The end of a block of about `size` bytes that begins at `start`, with a record; nil where no record ends.
    ///
    /// A quote that is never closed, or that text follows, ends the text: whoever reads the block will meet it.
    func end(ofBlockAt start: Int, size: Int) -> Int? {
        var target = min(text.count, start + max(1, size))
        // No quote is open here.
        var plain = start
        var last: Int?
        while plain < text.count {
            let quote = plain < target ? firstQuote(plain..<target) : nil
            last = lastLineEnd(plain..<max(plain, quote ?? target)) ?? last
            if let quote {
                guard isOpening(quote, start) else {
                    plain = quote + 1
                    continue
                }
                switch closing(quote) {
                case .found(let end): plain = end
                case .unknown: return last ?? (isFinal ? text.count : nil)
                case .none: return last ?? text.count
                }
            } else {
                if last != nil || target == text.count { break }
                plain = max(plain, target)
                target = min(text.count, target + target - start)
            }
        }
        return last ?? (isFinal && start < text.count ? text.count : nil)
    }

    private enum Closing {
        /// The field ends before this byte.
        case found(Int)
        /// The text ends before that is clear.
        case unknown
        /// Something follows the quote that must not.
        case none
    }

    private func closing(_ opening: Int) -> Closing {
        var from = opening + 1
        while let quote = firstQuote(from..<text.count) {
            let next = quote + 1
            guard next < text.count else { break }
            if text[next] == ASCII.quote {
                from = next + 1
                continue
            }
            return isFieldEnd(text[next]) ? .found(next) : .none
        }
        return .unknown
    }

    /// Whether a quote that stands outside of others is the first byte of its field.
    private func isOpening(_ quote: Int, _ start: Int) -> Bool { quote == start || isFieldEnd(text[quote - 1]) }

    private func isFieldEnd(_ byte: UInt8) -> Bool {
        byte == delimiter || byte == ASCII.lineFeed || byte == ASCII.carriageReturn
    }

    private func firstQuote(_ range: Range<Int>) -> Int? {
        guard let base = text.baseAddress,
            let found = memchr(base + range.lowerBound, Int32(ASCII.quote), range.count)
        else { return nil }
        return base.distance(to: UnsafeRawPointer(found))
    }

    /// The end of the last line that ends within a range outside of quotes.
    private func lastLineEnd(_ range: Range<Int>) -> Int? {
        var index = range.upperBound
        while index > range.lowerBound {
            let byte = text[index - 1]
            if byte == ASCII.lineFeed { return index }
            // A CR at the text's end may be the first half of a line break.
            if byte == ASCII.carriageReturn, index < text.count, text[index] != ASCII.lineFeed { return index }
            index -= 1
        }
        return nil
    }
}
