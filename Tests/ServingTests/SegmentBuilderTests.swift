// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Testing

@testable import Serving

@Suite("A segment of forecasts that is being filled")
struct SegmentBuilderTests {
    private func forecast(_ version: String, _ number: Int, horizon: Int = 3, targets: Int = 2) -> RememberedForecast {
        RememberedForecast(
            version: version,
            issued: 1_795_230_000_000 + Int64(number),
            end: 1_795_226_400 + 3_600 * Int64(number),
            last: (0..<targets).map { Double(number) + Double($0) / 3 },
            values: (0..<horizon * targets).map { Double(number * 100 + $0) / 7 }
        )
    }

    @Test("tells forecasts of several series apart")
    func series() {
        var builder = SegmentBuilder()
        var other = forecast("g12", 0)
        other.series = SeriesKey(["north"])
        let added = [forecast("g12", 0), other, other].map { builder.add($0) }
        #expect(added == [true, true, false])
    }

    @Test("holds a forecast once, and is closed when it is full or old")
    func building() throws {
        var builder = SegmentBuilder()
        #expect(!builder.isOld(at: .max) && !builder.isFull(for: forecast("g12", 0)))
        var again = forecast("g12", 0)
        again.issued += 5
        again.values[0] = 1
        var other = again
        other.last[1] = 9
        let added = [forecast("g12", 0), again, other, forecast("g13", 0)].map { builder.add($0) }
        #expect(added == [true, false, true, true])
        let first = forecast("g12", 0).issued
        #expect(!builder.isOld(at: first + 59_999) && builder.isOld(at: first + 60_000) && builder.isOld(at: first - 1))
        #expect(!builder.isFull(for: forecast("g12", 1)))
        let taken = builder.close()
        let closed = try #require(taken)
        #expect(closed.name == SegmentName(issued: first, number: 0) && closed.segment.forecasts.count == 3)
    }

    @Test("holds a thousand forecasts or 4 MiB, and a larger forecast alone")
    func bounds() {
        var builder = SegmentBuilder()
        for number in 0..<1_000 {
            #expect(!builder.isFull(for: forecast("g12", number)))
            _ = builder.add(forecast("g12", number))
        }
        #expect(builder.isFull(for: forecast("g12", 1_000)))
        let first = builder.close()
        #expect(first?.name.number == 0 && first?.segment.forecasts.count == 1_000)
        let large = forecast("g12", 0, horizon: 600_000, targets: 1)
        #expect(!builder.isFull(for: large))
        _ = builder.add(large)
        #expect(builder.isFull(for: forecast("g12", 1)))
        let second = builder.close()
        #expect(second?.name.number == 1 && second?.segment.forecasts == [large])
        let empty = builder.close()
        #expect(empty?.name == nil)
    }
}
