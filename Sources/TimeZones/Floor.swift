// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Division that rounds down for dividends below zero too; divisors are above zero.
package enum Floor {
    /// The quotient, rounded down.
    package static func quotient(_ dividend: Int, _ divisor: Int) -> Int {
        dividend >= 0 ? dividend / divisor : (dividend - divisor + 1) / divisor
    }

    /// What is left, from 0 to below the divisor.
    package static func remainder(_ dividend: Int, _ divisor: Int) -> Int {
        dividend - quotient(dividend, divisor) * divisor
    }
}
