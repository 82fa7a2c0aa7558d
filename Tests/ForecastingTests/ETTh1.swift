// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import Forecasting

/// The public data set that the truth tests read from beside the package; it may not be copied into it (CC BY-ND 4.0).
enum ETTh1 {
    static let names = ["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"]

    /// Where the file is; nil, after saying so, when it is not there.
    static let path: String? = {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let shared =
            ProcessInfo.processInfo.environment["ALMANAC_SHARED_DIR"]
            ?? package.deletingLastPathComponent().appending(path: "shared").path()
        let path = shared + "/data/ETTh1.csv"
        guard FileManager.default.isReadableFile(atPath: path) else {
            print("The ETTh1 truth tests are skipped: \(path) is not there; set ALMANAC_SHARED_DIR to its folder.")
            return nil
        }
        return path
    }()

    /// The whole file; read once.
    static let frame: TimeSeriesFrame? = {
        guard let path, let bytes = FileManager.default.contents(atPath: path) else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n")).dropFirst()
        var columns = [[Double]](repeating: [], count: names.count)
        for line in lines {
            let cells = line.split(separator: UInt8(ascii: ","))
            for (index, cell) in cells.dropFirst().enumerated() {
                columns[index].append(Double(String(decoding: cell, as: UTF8.self)) ?? .nan)
            }
        }
        let first = UTCTime.seconds(year: 2016, month: 7, day: 1)
        let timestamps = (0..<lines.count).map { first + 3_600 * Int64($0) }
        return try? TimeSeriesFrame(timestamps: timestamps, names: names, columns: columns)
    }()

    /// The borders of the literature: 12, 4 and 4 months of 30 days.
    static func split(lookback: Int, horizon: Int) throws -> DataSplit {
        try DataSplit(trainEnd: 8_640, validationEnd: 11_520, testEnd: 14_400, lookback: lookback, horizon: horizon)
    }
}
