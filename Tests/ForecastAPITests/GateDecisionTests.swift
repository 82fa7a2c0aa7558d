// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import TestSupport
import Testing

@Suite("A gate")
struct GateDecisionTests {
    private func metrics(_ mae: Double) -> ModelMetrics {
        var metrics = Sample.metrics
        metrics.mae = mae
        return metrics
    }

    struct Row: Sendable {
        let asked: GateBaselineSpec.Kind?
        let hasThreshold: Bool
        let threshold: Bool
        let incumbent: Standing
        let naive: Standing

        enum Standing: CaseIterable { case beaten, even, notBeaten, unknown, absent }

        /// What must come out, one rule a line, in the order in which they count.
        var expected: GateOutcome {
            let asksIncumbent = asked == .incumbent || asked == .both
            let asksNaive = asked == .seasonalNaive || asked == .both
            if hasThreshold && !threshold { return .failed }
            if asksIncumbent && incumbent == .notBeaten { return .failed }
            if asksNaive && naive == .notBeaten { return .failed }
            if asksIncumbent && incumbent == .unknown { return .inconclusive }
            if asksNaive && (naive == .unknown || naive == .absent) { return .inconclusive }
            return .passed
        }

        static let all: [Row] = [true, false].flatMap { hasThreshold in
            [nil, .incumbent, .seasonalNaive, .both].flatMap { asked in
                [true, false].flatMap { threshold in
                    Standing.allCases.flatMap { incumbent in
                        Standing.allCases.map { naive in
                            Row(
                                asked: asked,
                                hasThreshold: hasThreshold,
                                threshold: threshold,
                                incumbent: incumbent,
                                naive: naive
                            )
                        }
                    }
                }
            }
        }.filter { $0.hasThreshold || $0.asked != nil }
    }

    private func baseline(_ kind: BaselineStatus.Kind, _ standing: Row.Standing) -> BaselineStatus? {
        switch standing {
        case .beaten: BaselineStatus(kind: kind, version: "v1", metrics: metrics(2))
        case .even: BaselineStatus(kind: kind, version: "v1", metrics: metrics(1))
        case .notBeaten: BaselineStatus(kind: kind, version: "v1", metrics: metrics(0.999))
        case .unknown: BaselineStatus(kind: kind, version: "v1", problem: "it forecasts 5 rows instead of 4")
        case .absent: nil
        }
    }

    @Test("follows its table in all combinations of what is asked and what there is")
    func table() {
        for row in Row.all {
            var backtest = Sample.backtest
            backtest.baselines = [baseline(.incumbent, row.incumbent), baseline(.seasonalNaive, row.naive)]
                .compactMap { $0 }
            let gate = GateSpec(
                threshold: row.hasThreshold ? (row.threshold ? 1 : 0.9) : nil,
                baseline: row.asked.map { GateBaselineSpec(kind: $0) }
            )
            let verdict = gate.decide(metrics: metrics(1), backtest: backtest)
            #expect(verdict.outcome == row.expected, "\(row): \(verdict.message)")
            #expect(verdict.message.hasPrefix("MAE 1 ") && !verdict.reason.isEmpty, "\(verdict.message)")
            for mode in GateSpec.Mode.allCases {
                var other = gate
                other.mode = mode
                let same = other.decide(metrics: metrics(1), backtest: backtest)
                #expect(same.outcome == verdict.outcome && same.message == verdict.message)
                let promotes = mode == .dryRun || (mode == .enforce && verdict.outcome == .passed)
                #expect(same.promotes == promotes)
            }
        }
    }

    @Test(
        "asks that intervals come close to their level, from both sides",
        arguments: [(75.0, true), (80, true), (85, true), (74.9999, false), (85.0001, false), (100, false)]
    )
    func coverage(value: Double, isClose: Bool) {
        var gate = GateSpec()
        gate.coverage = GateCoverageSpec(level: 80)
        var metrics = metrics(1)
        metrics.intervals = [
            IntervalMetrics(level: 50, coverage: 50, width: 1), IntervalMetrics(level: 80, coverage: value, width: 2),
        ]
        let verdict = gate.decide(metrics: metrics, backtest: nil)
        #expect(verdict.outcome == (isClose ? .passed : .failed))
        #expect(verdict.reason == (isClose ? "CoverageReached" : "CoverageMissed"))
        let share = Significant.text(value)
        let relation = isClose ? "within 5 points" : "not within 5 points"
        #expect(verdict.message == "MAE 1 has intervals of level 80 that hold \(share) %, \(relation)")
        #expect(verdict.coverage == GateCoverageStatus(level: 80, withinPoints: 5, value: value))
        // A threshold that is missed counts for more than intervals that hold.
        gate.threshold = 0.5
        #expect(gate.decide(metrics: metrics, backtest: nil).reason == "ThresholdMissed")
        gate.threshold = 2
        #expect(gate.decide(metrics: metrics, backtest: nil).reason == (isClose ? "AllReached" : "CoverageMissed"))
        metrics.intervals = nil
        let unknown = gate.decide(metrics: metrics, backtest: nil)
        #expect(unknown.outcome == .inconclusive && unknown.reason == "CoverageUnknown")
        #expect(unknown.message.hasSuffix("has no intervals of level 80"))
    }

    @Test("is the stricter the more it asks", arguments: 0..<500)
    func monotone(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        func number() -> Double { Double(Int.random(in: 1...20, using: &random)) / 10 }
        let (value, threshold, least) = (number(), number(), Double(Int.random(in: -30...60, using: &random)))
        let backtest = Sample.backtest(
            incumbent: random.chance(80) ? number() : nil,
            seasonalNaive: random.chance(80) ? number() : nil
        )
        let kind = random.pick(GateBaselineSpec.Kind.allCases)
        func outcome(_ threshold: Double?, _ least: Double?) -> GateOutcome {
            GateSpec(
                threshold: threshold,
                baseline: least.map { GateBaselineSpec(kind: kind, minImprovementPercent: $0) }
            ).decide(metrics: metrics(value), backtest: backtest).outcome
        }
        let both = outcome(threshold, least)
        if both == .passed {
            #expect(outcome(threshold, nil) == .passed && outcome(nil, least) == .passed)
            #expect(outcome(threshold + 1, least) == .passed && outcome(threshold, least - 5) == .passed)
        }
        if outcome(threshold, nil) == .failed || outcome(nil, least) == .failed { #expect(both == .failed) }
    }

    @Test("the status holds the numbers from which everybody can work out the verdict", arguments: 0..<300)
    func numbers(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let value = Double.random(in: 0.1...10, using: &random)
        let other = Double.random(in: 0.1...10, using: &random)
        let least = Double(Int.random(in: -20...20, using: &random))
        let gate = GateSpec(baseline: GateBaselineSpec(kind: .seasonalNaive, minImprovementPercent: least))
        let backtest = Sample.backtest(incumbent: nil, seasonalNaive: other).rounded
        let verdict = gate.decide(metrics: metrics(value).rounded, backtest: backtest)
        let (ours, theirs) = (try #require(verdict.value), try #require(verdict.seasonalNaive))
        let improvement = try #require(verdict.seasonalNaiveImprovementPercent)
        #expect(abs(improvement - 100 * (theirs - ours) / theirs) <= 1e-5 * max(1, abs(improvement)))
        #expect((improvement >= least) == (verdict.outcome == .passed))
        #expect(verdict.minImprovementPercent == least)
    }

    @Test("says each thing in a sentence")
    func sentences() {
        let backtest = Sample.backtest(incumbent: 0.5, seasonalNaive: 1)
        func message(_ gate: GateSpec, _ backtest: BacktestStatus?) -> String {
            gate.decide(metrics: metrics(0.4), backtest: backtest).message
        }
        #expect(
            message(GateSpec(threshold: 0.3), Sample.backtest(incumbent: nil, seasonalNaive: 1))
                == "MAE 0.4 is above the threshold 0.3; the seasonal naive forecast has 1"
        )
        #expect(
            message(GateSpec(threshold: 0.5, baseline: GateBaselineSpec(kind: .both)), backtest)
                == "MAE 0.4 is at most the threshold 0.5; is 20 % better than the incumbent (0.5); "
                + "is 60 % better than the seasonal naive forecast (1)"
        )
        #expect(
            message(GateSpec(baseline: GateBaselineSpec(kind: .incumbent, minImprovementPercent: 25)), backtest)
                == "MAE 0.4 is 20 % better than the incumbent (0.5), of 25 % asked; the seasonal naive forecast has 1"
        )
        #expect(
            message(GateSpec(baseline: GateBaselineSpec(kind: .incumbent)), nil)
                == "MAE 0.4 has no incumbent to beat, for no version has been promoted yet"
        )
    }

    @Test("R2 is compared by the variance that is left; a baseline without an error is not beaten")
    func improvement() {
        #expect(GateSpec.GateMetric.r2.improvementPercent(of: 0.9, over: 0.8) == 50)
        #expect(GateSpec.GateMetric.r2.improvementPercent(of: -1, over: 0) == -100)
        #expect(GateSpec.GateMetric.mae.improvementPercent(of: 0, over: 0) == 0)
        #expect(GateSpec.GateMetric.mae.improvementPercent(of: 1, over: 0) == nil)
        let gate = GateSpec(baseline: GateBaselineSpec(kind: .seasonalNaive, minImprovementPercent: -100))
        let verdict = gate.decide(metrics: metrics(1), backtest: Sample.backtest(incumbent: nil, seasonalNaive: 0))
        #expect(verdict.outcome == .failed)
    }

    @Test("a metric that is not defined is an error, whatever else holds", arguments: GateSpec.Mode.allCases)
    func undefined(mode: GateSpec.Mode) {
        var metrics = Sample.metrics
        metrics.mape = nil
        let gate = GateSpec(metric: .mape, threshold: 10, baseline: GateBaselineSpec(kind: .both), mode: mode)
        let verdict = gate.decide(metrics: metrics, backtest: Sample.backtest)
        #expect(verdict.outcome == .error && verdict.reason == "MetricUndefined")
        var incumbentOnly = Sample.backtest
        incumbentOnly.baselines[0].metrics?.mape = nil
        incumbentOnly.baselines[0].problem = nil
        let other = GateSpec(metric: .mape, baseline: GateBaselineSpec(kind: .incumbent))
        #expect(other.decide(metrics: Sample.metrics, backtest: incumbentOnly).outcome == .inconclusive)
    }
}
