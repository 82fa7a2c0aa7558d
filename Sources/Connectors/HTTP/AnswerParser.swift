// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Turns a server's answer, which comes in pieces of any size, into a value.
///
/// One thread at a time uses it.
protocol AnswerParser: Sendable {
    /// What the whole answer means.
    associatedtype Product: Sendable

    /// The number of data rows so far.
    var rowCount: Int { get }

    /// Takes the next piece.
    mutating func feed(_ piece: UnsafeRawBufferPointer) throws(ConnectorError)

    /// Ends the answer.
    mutating func finish() throws(ConnectorError) -> Product
}
