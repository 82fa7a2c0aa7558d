// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import Testing

@testable import Operator

@Suite("What becomes of a canary")
struct CanaryMachineTests {
    private let start = Objects.now
    private let spec = CanarySpec(
        steps: [
            CanarySpec.Step(trafficPercent: 10, holdSeconds: 60), CanarySpec.Step(trafficPercent: 50, holdSeconds: 600),
        ],
        analysis: CanarySpec.Analysis(maxErrorPercent: 1, maxP99Milliseconds: 20, minRequests: 100)
    )

    private var first: CanaryStatus {
        var status = CanaryStatus(version: "v2", stable: "v1", trafficPercent: 10, startTime: start)
        status.since = start
        return status
    }

    private func traffic(_ requests: Int, failures: Int = 0, bucket: Int = 2) -> CanaryTraffic {
        var counts = ServingReport.Traffic(requests: requests, failures: failures)
        counts.latency[bucket] = requests
        var traffic = CanaryTraffic()
        traffic.add(counts)
        return traffic
    }

    private func next(
        _ status: CanaryStatus? = nil,
        after seconds: Double = 0,
        spec: CanarySpec? = nil,
        canary: CanaryTraffic = CanaryTraffic(),
        stable: CanaryTraffic = CanaryTraffic(),
        isTakenUp: Bool = true,
        failure: String? = nil
    ) -> CanaryMachine.Move {
        var facts = CanaryMachine.Facts()
        facts.isTakenUp = isTakenUp
        facts.progress = "1 of 2 pods have taken up the step"
        facts.failure = failure
        facts.canary = canary
        facts.stable = stable
        return CanaryMachine(spec: spec ?? self.spec, now: start + seconds).next(status ?? first, facts)
    }

    private func status(_ move: CanaryMachine.Move) -> CanaryStatus? {
        if case .stays(let status, _, _) = move { status } else { nil }
    }

    private func end(_ move: CanaryMachine.Move) -> CanaryResultStatus.Result? {
        if case .ends(let result, _, _) = move { result } else { nil }
    }

    @Test("a step is held from when all pods have taken it up, not from when it was decided")
    func hold() {
        var fresh = first
        fresh.since = nil
        let waiting = next(fresh, after: 500, isTakenUp: false)
        #expect(waiting == .stays(fresh, message: "1 of 2 pods have taken up the step", wait: nil))
        let begun = next(fresh, after: 500)
        #expect(status(begun)?.since == start + 500 && status(begun)?.step == 1)
    }

    @Test("enough good requests over the whole hold lead to the next step, and the last step to promotion")
    func passes() {
        let good = traffic(1_000, failures: 5)
        let early = next(after: 59, canary: good)
        #expect(status(early)?.step == 1 && status(early)?.analysis?.outcome == .passed)
        let advanced = status(next(after: 60, canary: good))
        #expect(advanced?.step == 2 && advanced?.trafficPercent == 50 && advanced?.since == nil)
        #expect(advanced?.analysis == nil, "the next step is judged by its own requests")
        var last = first
        last.step = 2
        last.trafficPercent = 50
        let done = next(last, after: 600, canary: good)
        guard case .ends(.promoted, let message, let analysis) = done else {
            Issue.record("\(done)")
            return
        }
        #expect(message.contains("0.5% (limit 1%") && message.contains("1000 requests"))
        #expect(analysis?.canary.errorPercent == 0.5)
    }

    @Test("a limit exceeded ends the canary at once, with the numbers, where the stable version does better")
    func fails() {
        let move = next(after: 5, canary: traffic(200, failures: 10), stable: traffic(2_000, failures: 2))
        guard case .ends(.rolledBack, let message, let analysis) = move else {
            Issue.record("\(move)")
            return
        }
        #expect(message.contains("failed requests 5% (limit 1%, the version before it 0.1%)"))
        #expect(message.hasSuffix("version v1 answers everything"))
        #expect(analysis?.outcome == .failed && analysis?.canary.requests == 200)
        #expect(
            end(next(after: 5, canary: traffic(200, bucket: 8))) == .rolledBack,
            "slow, and nothing to compare with"
        )
    }

    @Test("where both versions exceed a limit nothing can be told, and the step goes on")
    func bothFail() {
        let move = next(after: 90, canary: traffic(200, failures: 10), stable: traffic(2_000, failures: 200))
        #expect(status(move)?.step == 1 && status(move)?.analysis?.outcome == .inconclusive)
    }

    @Test("too few requests hold the step for as long as it takes", arguments: [0, 1, 99])
    func tooFew(requests: Int) {
        let move = next(after: 86_400, canary: traffic(requests, failures: requests))
        #expect(status(move)?.step == 1)
        #expect(status(move)?.analysis?.outcome == .inconclusive)
        #expect(status(move)?.analysis?.message == "\(requests) of the 100 requests that are needed")
    }

    @Test("without an analysis the clock decides, once all pods have the step")
    func byTheClock() {
        var timed = spec
        timed.analysis = nil
        #expect(status(next(after: 59.5, spec: timed))?.step == 1)
        #expect(status(next(after: 60, spec: timed, isTakenUp: false))?.step == 1)
        #expect(status(next(after: 60, spec: timed))?.step == 2)
        guard case .stays(_, _, let wait) = next(after: 50, spec: timed) else { return }
        #expect(wait == 10)
    }

    @Test("a person's decision goes before everything, for the version that it names")
    func decision() {
        var decided = spec
        decided.decision = CanarySpec.Decision(version: "v2", action: .promote)
        #expect(end(next(spec: decided, isTakenUp: false, failure: "bad")) == .promoted)
        decided.decision?.action = .abort
        #expect(end(next(spec: decided, canary: traffic(1_000))) == .aborted)
        decided.decision?.version = "v1"
        #expect(status(next(spec: decided)) != nil)
    }

    @Test("a version that cannot be loaded, or that kills its pod, is rolled back whatever its requests say")
    func failure() {
        let move = next(after: 1, canary: traffic(1_000), failure: "pod a used more memory than its limit")
        #expect(end(move) == .rolledBack)
    }

    @Test("fewer steps, or another share, are taken up in the middle of a canary")
    func changedSteps() {
        var last = first
        last.step = 5
        last.trafficPercent = 80
        let move = status(next(last))
        #expect(move?.step == 2 && move?.trafficPercent == 50)
        #expect(end(next(spec: CanarySpec(steps: []))) == .promoted)
    }

    @Test("numbers in the status change now and then, and at once where they say something else")
    func pacedNumbers() {
        var seen = first
        seen.analysis = status(next(after: 1, canary: traffic(50)))?.analysis
        #expect(status(next(seen, after: 6, canary: traffic(60)))?.analysis == seen.analysis)
        #expect(status(next(seen, after: 6, canary: traffic(100)))?.analysis?.outcome == .passed)
        let later = CanaryMachine.numbersPeriod + 2
        #expect(status(next(seen, after: later, canary: traffic(60)))?.analysis?.canary.requests == 60)
    }

    @Test(
        "errors are judged by their increase over those of the version before it, whatever they are",
        arguments: [
            (1.1, 1, 100, .passed), (1.3, 1, 100, .failed), (1.3, 1, 99, .inconclusive), (0, 0, 100, .passed),
            (1e-9, 0, 100, .failed), (0, 1, 100, .passed), (-1, 1, 100, .inconclusive), (1e300, 1e-300, 100, .failed),
        ] as [(Double, Double, Int, CanaryAnalysisStatus.Outcome)]
    )
    func errors(canary: Double, stable: Double, values: Int, outcome: CanaryAnalysisStatus.Outcome) {
        let result = Live.comparison(("v2", canary), ("v1", stable), values: values)
        let analysis = CanaryAnalysis(
            limits: CanarySpec.Analysis(maxErrorIncreasePercent: 20),
            canary: CanaryTraffic(),
            stable: CanaryTraffic(),
            errors: CanaryErrorsStatus(result.comparison, canary: "v2", stable: "v1", time: start)
        )
        .outcome(now: start)
        #expect(analysis.outcome == outcome, "\(analysis.message)")
        #expect(!analysis.message.contains("inf"))
    }

    @Test("p99 is read off the buckets of all pods together")
    func quantile() throws {
        var traffic = CanaryTraffic()
        #expect(traffic.p99Milliseconds == nil && traffic.errorPercent == nil)
        var counts = ServingReport.Traffic(requests: 100)
        counts.latency[2] = 98
        counts.latency[3] = 2
        traffic.add(counts)
        #expect(abs(try #require(traffic.p99Milliseconds) - 1.75) < 1e-9)
        counts.latency[13] = 5
        traffic.add(counts)
        #expect(traffic.p99Milliseconds == .infinity && traffic.status.p99Milliseconds == 2_500)
    }

    @Test("whatever a pod counts, nothing overflows and no share leaves 0 to 100")
    func hostileCounts() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            var traffic = CanaryTraffic()
            for _ in 0..<3 {
                func count() -> Int { [Int.min, -1, 0, 1, 1_000, Int.max].randomElement(using: &random) ?? 0 }
                let buckets = Int.random(in: 0...20, using: &random)
                traffic.add(
                    ServingReport.Traffic(
                        requests: count(),
                        failures: count(),
                        latency: (0..<buckets).map { _ in count() }
                    )
                )
            }
            #expect(traffic.requests >= 0 && traffic.errorPercent.map { (0...100).contains($0) } ?? true)
            #expect(traffic.p99Milliseconds.map { $0 >= 0 } ?? true)
            _ = next(after: 60, canary: traffic, stable: traffic)
        }
    }
}
