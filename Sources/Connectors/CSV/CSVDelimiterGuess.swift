// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Guesses the delimiter from the first line that is not blank.
enum CSVDelimiterGuess {
    private static let candidates = [ASCII.comma, UInt8(ascii: ";"), ASCII.tab, UInt8(ascii: "|")]

    /// The candidate that occurs most often outside quotes, the earlier of two equals, a comma when there is none.
    ///
    /// Returns nil when the line goes on beyond `bytes`, unless `isFinal` says that nothing follows.
    static func delimiter(of bytes: some Collection<UInt8>, isFinal: Bool) -> UInt8? {
        var counts = Array(repeating: 0, count: candidates.count)
        var isQuoted = false
        var isBlank = true
        var isEnded = false
        for byte in bytes {
            if byte == ASCII.quote { isQuoted.toggle() }
            if !isQuoted, byte == ASCII.lineFeed || byte == ASCII.carriageReturn {
                if isBlank { continue }
                isEnded = true
                break
            }
            isBlank = false
            if !isQuoted, let index = candidates.firstIndex(of: byte) { counts[index] += 1 }
        }
        guard isEnded || isFinal else { return nil }
        var best = 0
        for index in counts.indices where counts[index] > counts[best] { best = index }
        return candidates[best]
    }
}
