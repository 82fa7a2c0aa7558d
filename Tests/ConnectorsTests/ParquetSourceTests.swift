// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting
import Foundation
import HTTPTransport
import Parquet
import Synchronization
import TestSupport
import Testing

@testable import Connectors

@Suite("Parquet from files and servers")
struct ParquetSourceTests {
    private static let url = "https://user:secret@data.example/a.parquet?token=secret"
    private static let shownURL = "https://data.example/a.parquet?token=…"

    /// A file of row groups of two rows.
    private static func file(_ columns: [(ParquetColumn, ParquetValues.Storage, [Bool]?)]) throws -> [UInt8] {
        var writer = try ParquetWriter(columns: columns.map(\.0))
        var bytes: [UInt8] = []
        let values = columns.map { ParquetValues(column: $0.0, storage: $0.1, isPresent: $0.2) }
        for start in stride(from: 0, to: values[0].count, by: 2) {
            bytes += try writer.rowGroup(values.map { $0.rows(start..<min(start + 2, $0.count)) })
        }
        return bytes + writer.finish()
    }

    private static let hours: [Int64] = [0, 3600, 7200, 10_800, 14_400]

    private static func sample() throws -> [UInt8] {
        try file([
            (
                ParquetColumn(name: "t", kind: .timestamp(.microseconds, isUTC: true)),
                .int64(hours.map { $0 * 1_000_000 }), nil
            ),
            (
                ParquetColumn(name: "a", kind: .double, isOptional: true), .doubles([1, 2, 3, 4, 5]),
                [true, true, false, true, true]
            ),
            (ParquetColumn(name: "b", kind: .integer(bits: 16, isSigned: false)), .int32([10, 20, 30, 40, 50]), nil),
            (ParquetColumn(name: "s", kind: .string), .texts(ParquetTexts((0..<5).map { [UInt8($0 + 65)] })), nil),
        ])
    }

    /// Reads a file of a column of times and one of numbers.
    private static func read(
        times kind: ParquetKind,
        _ storage: ParquetValues.Storage,
        format: TimestampFormat = .automatic,
        isPresent: [Bool]? = nil
    ) async throws -> [Int64] {
        let time = ParquetColumn(name: "t", kind: kind, isOptional: isPresent != nil)
        let count = ParquetValues(column: time, storage: storage).count
        let value = ParquetColumn(name: "a", kind: .float)
        let bytes = try file([
            (time, storage, isPresent), (value, .floats(Array(repeating: 1, count: count)), nil),
        ])
        let transport = FileServer(bytes)
        let source = ParquetSource(timestamp: "t", timestampFormat: format, values: ["a"], transport: transport)
        return try await source.read("http://h/a.parquet").frame.timestamps
    }

    @Test("numbers of any type come in the order asked for, missing ones as NaN")
    func frame() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).parquet").path
        try Data(try Self.sample()).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let rows = Shared<[Int]>([])
        let source = ParquetSource(timestamp: "t", values: ["b", "a"], threads: 2, transport: FileServer([]))
        let frame = try await source.read(path, progress: { count in rows.withLock { $0.append(count) } }).frame
        #expect(frame.timestamps == Self.hours)
        #expect(frame.names == ["b", "a"])
        #expect(frame.columns[0] == [10, 20, 30, 40, 50])
        #expect(frame.columns[1].map { $0.isNaN ? -1 : $0 } == [1, 2, -1, 4, 5])
        #expect(rows.withLock { $0 } == [2, 4, 5])
    }

    @Test("only the rows of a range of times are read, and only the row groups that may hold them")
    func range() async throws {
        let server = FileServer(try Self.sample())
        var source = ParquetSource(timestamp: "t", values: ["a"], transport: server)
        _ = try await source.read(Self.url)
        let all = server.takeBytes()
        source.times = 10_800...10_800
        let frame = try await source.read(Self.url).frame
        #expect(frame.timestamps == [10_800])
        #expect(frame.columns == [[4]])
        #expect(server.takeBytes() < all)
        source.times = 1...2
        let hint = "no row lies from 1970-01-01T00:00:01Z to 1970-01-01T00:00:02Z"
        await Self.expect("\(Self.shownURL) has no data for this: \(hint)", source, Self.url)
    }

    @Test("timestamps are read from dates, all units, text, and whole numbers by their format")
    func timestamps() async throws {
        let days: [Int32] = [0, -1, 17_000]
        #expect(try await Self.read(times: .date, .int32(days)) == [0, -86_400, 17_000 * 86_400])
        for unit in ParquetTimeUnit.allCases {
            for isUTC in [true, false] {
                let units = ParquetValues.Storage.int64([0, -unit.perSecond, 1_600_000_000 * unit.perSecond])
                #expect(try await Self.read(times: .timestamp(unit, isUTC: isUTC), units) == [0, -1, 1_600_000_000])
            }
        }
        let whole = ParquetKind.integer(bits: 64, isSigned: true)
        #expect(try await Self.read(times: whole, .int64([5, -7]), format: .unixSeconds) == [5, -7])
        #expect(try await Self.read(times: whole, .int64([5000, -7000]), format: .unixMilliseconds) == [5, -7])
        let unsigned = ParquetKind.integer(bits: 32, isSigned: false)
        #expect(try await Self.read(times: unsigned, .int32([-1]), format: .unixSeconds) == [4_294_967_295])
        let texts = ["2016-07-01 00:00:00", " 1970-01-01T01:00:00 "].map { Array($0.utf8) }
        #expect(try await Self.read(times: .string, .texts(ParquetTexts(texts))) == [1_467_331_200, 3600])
        let dated = ["01/02/2020", "03/02/2020"].map { Array($0.utf8) }
        #expect(
            try await Self.read(times: .string, .texts(ParquetTexts(dated)), format: .pattern("%d/%m/%Y"))
                == [1_580_515_200, 1_580_688_000]
        )
    }

    @Test("what is wrong is named with its row, its column and the column's type")
    func problems() async throws {
        let seconds = ParquetKind.timestamp(.milliseconds, isUTC: true)
        let place = "http://h/a.parquet, column 't': "
        func problem(
            _ kind: ParquetKind,
            _ storage: ParquetValues.Storage,
            _ format: TimestampFormat = .automatic,
            _ isPresent: [Bool]? = nil
        ) async -> String? {
            await #expect(throws: ConnectorError.self) {
                _ = try await Self.read(times: kind, storage, format: format, isPresent: isPresent)
            }?.description
        }
        #expect(
            await problem(seconds, .int64([0, 1000, 1500])) == place + "row 3: fractions of a second are not supported"
        )
        #expect(
            await problem(seconds, .int64([0, 0, 0]), .automatic, [true, true, false])
                == place + "row 3: the timestamp is missing"
        )
        #expect(
            await problem(seconds, .int64([.max]))?.hasPrefix(place + "row 1: ") == true
        )
        #expect(
            await problem(.integer(bits: 64, isSigned: true), .int64([0]))
                == place + "has the type int64; set the timestamp format to UnixSeconds or UnixMilliseconds"
        )
        #expect(await problem(.double, .doubles([0])) == place + "has the type double, which holds no timestamps")
        let text = ParquetTexts([Array("2020-01-01".utf8), Array("yesterday".utf8)])
        #expect(
            await problem(.string, .texts(text))
                == place + "row 2: not a timestamp of the format \(TimestampFormat.automatic): 'yesterday'"
        )
        // In two row groups.
        let mixed = ParquetTexts(
            ["2020-01-01 00:00", "2020-01-01 01:00", "2020-01-01T02:00Z"].map { Array($0.utf8) }
        )
        #expect(
            await problem(.string, .texts(mixed))
                == place + "has timestamps with and without a UTC offset; write all or none with one"
        )
    }

    @Test("columns that cannot be used are told with what there is")
    func columns() async throws {
        let server = FileServer(try Self.sample())
        let text = ParquetSource(timestamp: "t", values: ["s"], transport: server)
        await Self.expect(
            "\(Self.shownURL), column 's': has the type string, and a value must be a number",
            text,
            Self.url
        )
        let missing = ParquetSource(timestamp: "t", values: ["x"], transport: server)
        let listing = "the columns are 't', 'a', 'b', 's'"
        await Self.expect("\(Self.shownURL): there is no column 'x'; \(listing)", missing, Self.url)
        let none = ParquetSource(timestamp: "t", values: ["t"], transport: server)
        await Self.expect("values: name at least one column other than the timestamps", none, Self.url)
        let absent = ParquetSource(timestamp: "t", values: ["a"], transport: server)
        await Self.expect("cannot open /no/such: No such file or directory", absent, "/no/such")
    }

    @Test("a server without ranges gives the whole file, once", arguments: [1, 100_000])
    func wholeFile(_ pieceSize: Int) async throws {
        let server = FileServer(try Self.sample(), knowsRanges: false, pieceSize: pieceSize)
        let source = ParquetSource(
            timestamp: "t",
            values: ["b"],
            transport: server,
            headers: [HTTPHeader("Authorization", "Bearer secret")]
        )
        #expect(try await source.read(Self.url).frame.columns == [[10, 20, 30, 40, 50]])
        let requests = server.requests.withLock { $0 }
        #expect(requests.count == 1)
        #expect(requests.first?.headers.first == HTTPHeader("Authorization", "Bearer secret"))
    }

    @Test("a server's refusals, a file that changes and an answer cut off are told apart, without the URL's secrets")
    func refusals() async throws {
        let bytes = try Self.sample()
        let cases: [(FileServer, String)] = [
            (FileServer(bytes, status: 404), "cannot open \(Self.shownURL): the server answered with status 404"),
            (FileServer(bytes, status: 403), "\(Self.shownURL) rejected the credentials (status 403)"),
            (FileServer(bytes, status: 503), "cannot read \(Self.shownURL): the server answered with status 503"),
            (FileServer([]), "\(Self.shownURL): the file is empty"),
            (FileServer(bytes, changesAfter: 2), "cannot read \(Self.shownURL): the file changed while it was read"),
            (FileServer(bytes, cutsAfter: 1), "cannot read \(Self.shownURL): the server sent"),
        ]
        for (server, expected) in cases {
            let source = ParquetSource(timestamp: "t", values: ["a"], transport: server)
            let error = await #expect(throws: ConnectorError.self) { _ = try await source.read(Self.url) }
            #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
        }
    }

    @Test("a cancelled read stops and says so", .timeLimit(.minutes(1)))
    func cancellation() async throws {
        let source = ParquetSource(timestamp: "t", values: ["a"], transport: FileServer(try Self.sample()))
        let outcome = await withTaskGroup(of: ConnectorError?.self) { group in
            group.addTask {
                await #expect(throws: ConnectorError.self) { _ = try await source.read(Self.url) }
            }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(outcome == .cancelled)
    }

    private static func expect(_ message: String, _ source: ParquetSource, _ location: String) async {
        let error = await #expect(throws: ConnectorError.self) { _ = try await source.read(location) }
        #expect(error?.description == message)
    }
}

extension ParquetValues {
    /// Some of the rows.
    func rows(_ range: Range<Int>) -> ParquetValues {
        let part: Storage =
            switch storage {
            case .booleans(let all): .booleans(Array(all[range]))
            case .int32(let all): .int32(Array(all[range]))
            case .int64(let all): .int64(Array(all[range]))
            case .int96(let all): .int96(Array(all[range]))
            case .floats(let all): .floats(Array(all[range]))
            case .doubles(let all): .doubles(Array(all[range]))
            case .texts(let all): .texts(ParquetTexts(range.map { Array(all[$0]) }))
            }
        return ParquetValues(column: column, storage: part, isPresent: isPresent.map { Array($0[range]) })
    }
}

/// A server that has one file.
private final class FileServer: HTTPTransport {
    let requests = Mutex<[HTTPRequest]>([])
    private let sent = Mutex(0)
    private let bytes: [UInt8]
    private let knowsRanges: Bool
    private let pieceSize: Int
    private let status: Int?
    private let changesAfter: Int
    private let cutsAfter: Int

    init(
        _ bytes: [UInt8],
        knowsRanges: Bool = true,
        pieceSize: Int = 100,
        status: Int? = nil,
        changesAfter: Int = .max,
        cutsAfter: Int = .max
    ) {
        self.bytes = bytes
        self.knowsRanges = knowsRanges
        self.pieceSize = pieceSize
        self.status = status
        self.changesAfter = changesAfter
        self.cutsAfter = cutsAfter
    }

    /// How many bytes were sent since the last call.
    func takeBytes() -> Int {
        sent.withLock { count in
            defer { count = 0 }
            return count
        }
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse { HTTPResponse(status: 405) }

    func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse {
        let number = requests.withLock { requests in
            requests.append(request)
            return requests.count
        }
        if let status { return answer(status, []) }
        guard knowsRanges, let range = request.headers.first(named: "Range") else { return answer(200, bytes) }
        let ends = range.dropFirst("bytes=".count).split(separator: "-").compactMap { Int($0) }
        guard ends.count == 2, ends[0] < bytes.count else { return answer(416, []) }
        let tag = number > changesAfter ? "\"2\"" : "\"1\""
        if let wanted = request.headers.first(named: "If-Match"), wanted != tag { return answer(412, []) }
        let last = min(ends[1], bytes.count - 1)
        let part = bytes[ends[0]...last]
        return answer(
            206,
            Array(number > cutsAfter ? part.dropLast() : part),
            [HTTPHeader("Content-Range", "bytes \(ends[0])-\(last)/\(bytes.count)"), HTTPHeader("ETag", tag)]
        )
    }

    private func answer(_ status: Int, _ body: [UInt8], _ headers: [HTTPHeader] = []) -> HTTPStreamingResponse {
        sent.withLock { $0 += body.count }
        let stream = AsyncThrowingStream<Data, any Error> { continuation in
            for start in stride(from: 0, to: body.count, by: pieceSize) {
                continuation.yield(Data(body[start..<min(start + pieceSize, body.count)]))
            }
            continuation.finish()
        }
        return HTTPStreamingResponse(status: status, headers: headers, body: stream)
    }
}
