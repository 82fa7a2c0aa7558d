// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import Testing

@Suite("Names")
struct NamingTests {
    @Test("names of children are valid, within 63 characters, and differ where their parents differ")
    func children() {
        var seen: Set<String> = []
        for length in 1...52 {
            for last in ["a", "b", ".z", "-z"] where last.count < length {
                let name = String(repeating: "a", count: length - last.count) + last
                for suffix in ["requests", "train-3", "g\(Int64.max)"] {
                    let child = Naming.child(of: name, suffix: suffix)
                    #expect(child.utf8.count <= 63)
                    let label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
                    let isName = child.range(of: "^\(label)(\\.\(label))*$", options: .regularExpression) != nil
                    #expect(isName, "\(child)")
                    #expect(seen.insert(child).inserted, "\(child)")
                }
            }
        }
    }

    @Test("a cut name does not end in a dot")
    func dot() {
        let name = String(repeating: "a", count: 44) + ".bbbbbbb"
        #expect(!Naming.child(of: name, suffix: "requests-").contains(".-"))
    }

    @Test("versions are times in UTC and sort by age")
    func version() {
        func version(_ seconds: Double) -> String {
            RunIdentity(namespace: "n", pipeline: "p", name: "r", createdTime: Date(timeIntervalSince1970: seconds))
                .version
        }
        #expect(version(0) == "19700101-000000")
        #expect(version(1_795_232_700) == "20261121-034500")
        #expect(version(1_795_232_700) < version(1_795_232_701))
    }
}
