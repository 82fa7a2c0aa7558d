// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a name of the IANA database looks like, and what somebody may have meant who wrote another.
enum ZoneName {
    /// Whether a text can be a name and with it a path below the database's folder.
    ///
    /// Names begin with a capital letter. What lies beside the zones does not: tables, `localtime`, and the folders
    /// `posix` and `right`, whose zones are the same and with leap seconds. `Factory` stands for "not set".
    static func isValid(_ name: String) -> Bool {
        guard name.utf8.count <= 64, name.utf8.first.map({ (0x41...0x5A).contains($0) }) ?? false else { return false }
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return name != "Factory" && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(isAllowed) }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"): true
        default: false
        }
    }

    /// A whole sentence that helps to find the right name.
    static func hint(for name: String, among names: [String]) -> String {
        let place = "name a place, such as Europe/Amsterdam"
        if name.isEmpty { return "\(place), or UTC" }
        let upper = name.uppercased()
        if let known = abbreviations[upper], names.contains(known) {
            return "abbreviations are shared by several places; did you mean \(known)?"
        }
        if upper.contains(where: { "+-".contains($0) }), upper.contains(where: { ("0"..."9").contains($0) }) {
            return "\(place), or a fixed offset by its name Etc/GMT-2, which is two hours east of UTC"
        }
        let nearest = NearestNames.of(name, among: names, count: 3)
        return nearest.isEmpty ? place : "did you mean \(nearest.joined(separator: ", "))?"
    }

    /// A large place for abbreviations that people write.
    private static let abbreviations = [
        "ACDT": "Australia/Adelaide", "ACST": "Australia/Adelaide", "ADT": "America/Halifax",
        "AEDT": "Australia/Sydney", "AEST": "Australia/Sydney", "AKDT": "America/Anchorage",
        "AKST": "America/Anchorage", "ART": "America/Argentina/Buenos_Aires", "AST": "America/Halifax",
        "AWST": "Australia/Perth", "BRT": "America/Sao_Paulo", "BST": "Europe/London", "CAT": "Africa/Maputo",
        "CDT": "America/Chicago", "CEST": "Europe/Paris", "CLT": "America/Santiago", "COT": "America/Bogota",
        "CST": "America/Chicago", "EAT": "Africa/Nairobi", "EDT": "America/New_York", "EEST": "Europe/Athens",
        "GST": "Asia/Dubai", "HKT": "Asia/Hong_Kong", "ICT": "Asia/Bangkok", "IRST": "Asia/Tehran",
        "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "KST": "Asia/Seoul", "MDT": "America/Denver",
        "MSK": "Europe/Moscow", "NDT": "America/St_Johns", "NST": "America/St_Johns", "NZDT": "Pacific/Auckland",
        "NZST": "Pacific/Auckland", "PDT": "America/Los_Angeles", "PET": "America/Lima", "PHT": "Asia/Manila",
        "PKT": "Asia/Karachi", "PST": "America/Los_Angeles", "SAST": "Africa/Johannesburg", "SGT": "Asia/Singapore",
        "SST": "Pacific/Pago_Pago", "WAT": "Africa/Lagos", "WEST": "Europe/Lisbon", "WIB": "Asia/Jakarta",
    ]
}
