// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeCore
import KubeRuntime
import Synchronization
import TestSupport
import Testing

@testable import Operator

@Suite("What serving pods say of themselves")
struct ReportTests {
    private let now = Objects.now

    private func report(_ revision: String = "r1", canary: Bool = false, requests: Int = 0) -> ServingReport {
        let traffic = ServingReport.Traffic(requests: requests)
        var versions = [ServingReport.Version(version: "v1", role: .stable, state: .ready, traffic: traffic)]
        if canary { versions.append(ServingReport.Version(version: "v2", role: .canary, state: .ready)) }
        return ServingReport(revision: revision, isReady: true, versions: versions)
    }

    private func answer(_ report: ServingReport) -> PodAnswer {
        PodAnswer(report: report, reportTime: now, changeTime: now)
    }

    @Test("requests are news during a canary only; another revision, a failure and its end always are")
    func news() {
        let calm = answer(report())
        #expect(!calm.with(report(requests: 5), now: now).isNews)
        #expect(calm.with(report("r2"), now: now).isNews)
        #expect(answer(report(canary: true)).with(report(canary: true, requests: 5), now: now).isNews)
        let failed = calm.with(failure: "no answer", now: now)
        #expect(failed.isNews && failed.answer.report == calm.report)
        #expect(!failed.answer.with(failure: "no answer", now: now + 1).isNews)
        #expect(failed.answer.with(report(), now: now + 2).isNews)
    }

    @Test("a report counts for a while after the pod fell silent, and a new pod has its time to speak")
    func trust() {
        let silent = answer(report()).with(failure: "no answer", now: now + 30).answer
        #expect(silent.trusted(now: now + 60) != nil && silent.silence(now: now + 60) == nil)
        #expect(silent.trusted(now: now + 91) == nil && silent.silence(now: now + 91) == "no answer")
        let young = PodAnswer(changeTime: now).with(failure: "refused", now: now).answer
        #expect(young.silence(now: now + 9) == nil && young.silence(now: now + 10) == "refused")
        #expect(young.with(failure: "refused", now: now + 11).isNews, "now it is told")
    }

    @Test(
        "a pod is asked often while something is under way, rarely otherwise, and ever less where nothing comes of it"
    )
    func pace() {
        func pace(_ answer: PodAnswer, after seconds: Double = 0) -> Double {
            ReportFollower.pace(answer, wanted: "r1", now: now + seconds)
        }
        #expect(pace(answer(report())) == 30)
        #expect(pace(answer(report(canary: true))) == 5)
        #expect(pace(answer(report("r0"))) == 1)
        #expect(pace(answer(report("r0")), after: 20) == 5)
        #expect(pace(answer(report("r0")), after: 3_600) == 15)
        var loading = report()
        loading.versions[0].state = .loading
        #expect(pace(answer(loading)) == 1)
        #expect(pace(answer(report()).with(failure: "x", now: now).answer) == 1)
    }

    @Test("the board knows a pod from another one of its name, and tells news once")
    func board() {
        let board = ReportBoard()
        let pod = Objects.servingPod("a")
        #expect(board.note(.success(report()), of: pod, now: now).isNews)
        #expect(!board.note(.success(report()), of: pod, now: now).isNews)
        var other = pod
        other.metadata.uid = "other"
        #expect(board[pod]?.report == report() && board[other] == nil)
        board.forget(pod.key)
        #expect(board[pod] == nil)
    }

    /// Answers each request alike, and keeps the URLs.
    private final class Canned: HTTPTransport {
        let urls = Mutex<[String]>([])
        let answer: HTTPResponse
        init(_ answer: HTTPResponse) { self.answer = answer }
        func send(_ request: HTTPRequest) async throws -> HTTPResponse {
            urls.withLock { $0.append(request.url) }
            return answer
        }
        func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse { throw ReportError(reason: "none") }
    }

    @Test("a pod is asked at its address; what is no report is told as such", arguments: ["10.0.0.1", "fd00::1"])
    func asked(address: String) async throws {
        var pod = Objects.servingPod("a")
        pod.status?.podIP = address
        let good = Canned(HTTPResponse(status: 200, body: try KubeJSON.encoder().encode(report())))
        #expect(try await ReportClient(transport: good).ask(pod) == report())
        let host = address.contains(":") ? "[\(address)]" : address
        #expect(good.urls.withLock { $0 } == ["http://\(host):8081/almanac/v1/report"])
        for bad in [HTTPResponse(status: 503), HTTPResponse(status: 200, body: Data("hello".utf8))] {
            await #expect(throws: ReportError.self) { _ = try await ReportClient(transport: Canned(bad)).ask(pod) }
        }
    }

    @Test("reports that were changed at random are refused or read, and decided about without a trap")
    func mutated() throws {
        var random = SeededRandom(seed: 7)
        var world = ServiceWorld()
        try world.settle()
        let good = try KubeJSON.encoder().encode(report(canary: true, requests: 5))
        for _ in 0..<2_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                bytes[index] = UInt8.random(in: 32...126, using: &random)
            }
            guard let report = try? KubeJSON.decoder().decode(ServingReport.self, from: bytes) else { continue }
            world.answer("a", report)
            _ = try world.facts.decide(now: world.now)
            _ = ReportFollower.pace(answer(report), wanted: "r1", now: now)
        }
    }
}
