// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Connectors

@Suite("XML of S3 servers")
struct XMLScannerTests {
    static let listing = """
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- a comment -->
        <s3:ListBucketResult xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/" other='a > b'>
          <Name>models</Name><Prefix/><IsTruncated>false</IsTruncated>
          <Contents><Key>a&amp;b &lt;&#x1F600;&#233;&gt;</Key><Size>12</Size></Contents>
          <Contents><Key><![CDATA[<raw> & so on]]></Key></Contents>
        </s3:ListBucketResult>
        """

    static func parse(_ text: String) throws -> XMLElement { try XMLScanner.parse(Array(text.utf8)) }

    @Test("elements, entities, CDATA, comments, prefixes and empty elements are read")
    func reading() throws {
        let root = try Self.parse(Self.listing)
        #expect(root.name == "ListBucketResult")
        #expect(root["Name"] == "models" && root["Prefix"]?.isEmpty == true && root["IsTruncated"] == "false")
        #expect(root.all("Contents").map { $0["Key"] } == ["a&b <😀é>", "<raw> & so on"])
        #expect(root["Missing"] == nil)
    }

    @Test(
        "what is not XML, or more than S3 needs of it, is refused",
        arguments: [
            "", "   ", "{}", "<a>", "<a></b>", "<a", "<a b='>", "<a>&nbsp;</a>", "<a>&#xD800;</a>", "<a>&#;</a>", "<>",
            "<!DOCTYPE html><html></html>", "<a><![CDATA[x</a>", "<a>&amp</a>", "</a>", "<a><!-- </a>", "<?xml",
        ]
    )
    func refusing(text: String) {
        #expect(throws: XMLScanner.Failure.self) { try Self.parse(text) }
    }

    @Test("an element within an element, again and again, is refused before it can cost much")
    func depth() {
        let text = String(repeating: "<a>", count: 100_000)
        #expect(throws: XMLScanner.Failure(reason: "it is nested too deeply")) { try Self.parse(text) }
    }

    @Test("mutated and random bytes give an element or a failure, never a trap")
    func fuzz() {
        var random = SeededRandom(seed: 11)
        let whole = Array(Self.listing.utf8)
        let tokens = "< > / & ; # <![CDATA[ ]]> <!-- --> <? \" ' = a \u{FFFD}".split(separator: " ").map(String.init)
        for round in 0..<20_000 {
            var bytes = whole
            if round % 2 == 0 {
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let index = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes[index] = .random(in: 0...255, using: &random)
                    case 1: bytes.remove(at: index)
                    default: bytes = Array(bytes[..<index])
                    }
                    if bytes.isEmpty { bytes = whole }
                }
            } else {
                bytes = (0..<Int.random(in: 0...30, using: &random)).flatMap { _ in
                    Array((tokens.randomElement(using: &random) ?? "").utf8)
                }
            }
            _ = try? XMLScanner.parse(bytes)
        }
    }
}
