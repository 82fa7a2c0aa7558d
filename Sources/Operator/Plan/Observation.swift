// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import KubeCore

/// The facts about one object, and what follows from them.
protocol Observation: Sendable {
    associatedtype Subject: StatusObject

    /// The object that the facts are about.
    var subject: Subject { get }
    /// A sentence about an object of a name that is needed and that belongs to somebody else.
    var conflict: String? { get set }

    /// What is to be done now. Pure and total.
    func decide(now: Date) throws -> Plan<Subject.Status>
}
