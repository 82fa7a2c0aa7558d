// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeCore
import Synchronization
import Testing

@testable import CLI

@Suite("A pipeline on this machine", .serialized)
struct LocalPipelineTests {
    /// A worker that is a shell script: `$request`, `$result` and `$step` are set.
    private final class Bench: Sendable {
        let folder: URL
        let written = Mutex("")

        init(_ script: String) throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("cli-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try work(script)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func work(_ script: String) throws {
            let head = """
                #!/bin/sh
                cd '\(folder.path)'
                request=$3 result=$5
                step=prepare; grep -q '"step":"train"' "$request" && step=train
                version=$(sed 's/.*"version":"\\([^"]*\\)".*/\\1/' "$request")
                trained() {
                    echo '{"schemaVersion":1,"step":"train","metrics":{"mae":'$1',"mse":4,"rmse":2,"scaledMae":1,'\\
                '"scaledMse":1,"windows":9},"model":{"version":"'$version'","uri":"models/x","digest":"d","kind":"nlinear"}}' >"$result"
                }
                prepared() { echo '{"schemaVersion":1,"step":"prepare"}' >"$result"; }

                """
            let file = folder.appendingPathComponent("worker")
            try (head + script + "\n").write(to: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        }

        func local(namespace: String? = nil) throws -> LocalPipeline {
            let text = PipelineFileTests.good.replacing("  worker:", with: "  gate: {threshold: 2}\n  worker:")
            return LocalPipeline(
                pipeline: try PipelineFile.pipeline(in: text, path: "p.yaml"),
                folder: folder,
                options: RunOptions(
                    store: folder.appendingPathComponent("store"),
                    namespace: namespace,
                    worker: folder.appendingPathComponent("worker"),
                    serve: false,
                    keepServing: false
                ),
                console: Console(
                    isTerminal: false,
                    width: 80,
                    style: .plain,
                    write: { text in self.written.withLock { $0 += text } },
                    writeError: { text in self.written.withLock { $0 += text } }
                ),
                transport: NoTransport(),
                backoff: { _ in .zero }
            )
        }

        var status: ForecastPipelineStatus? {
            get throws {
                try LocalState(store: folder.appendingPathComponent("store")).load("demo", namespace: "default")?.status
            }
        }

        var text: String { written.withLock { $0 } }
    }

    @Test("is promoted when its steps succeed and its gate passes")
    func promoted() async throws {
        let bench = try Bench("[ $step = prepare ] && prepared || trained 1.5")
        #expect(try await bench.local().run() == 0)
        #expect(try bench.status?.model?.kind == "nlinear")
        #expect(bench.text.contains("✓ train"))
        #expect(bench.text.contains("GatePassed"))
    }

    @Test("keeps its promoted version when a later run fails its gate")
    func gateFailed() async throws {
        let bench = try Bench("[ $step = prepare ] && prepared || trained 1.5")
        _ = try await bench.local().run()
        let version = try bench.status?.model?.version
        try bench.work("[ $step = prepare ] && prepared || trained 3")
        #expect(try await bench.local().run() == 1)
        let status = try #require(try bench.status)
        #expect(status.model?.version == version)
        #expect(status.lastRun?.name == "demo-g2")
        #expect(status.lastRun?.trigger == .runRequest)
        #expect(status.conditions?.condition(ConditionType.ready)?.reason == "GateFailed")
    }

    @Test("ends with 65 and the worker's words when the data cannot be used")
    func badData() async throws {
        let failure = #""failure":{"reason":"BadData","message":"line 7: no number"}"#
        let bench = try Bench(#"echo '{"schemaVersion":1,"step":"prepare",\#(failure)}' >"$result"; exit 65"#)
        #expect(try await bench.local().run() == 65)
        #expect(bench.text.contains("step prepare failed: line 7: no number"))
    }

    @Test("tries a step again when the source does not answer")
    func retries() async throws {
        let bench = try Bench("[ -e tried ] || { touch tried; exit 69; }; [ $step = prepare ] && prepared || trained 1")
        #expect(try await bench.local().run() == 0)
        #expect(bench.text.contains("(attempt 2)"))
    }

    @Test("gives up after three attempts, with the last status")
    func givesUp() async throws {
        let bench = try Bench("echo once >>tries; exit 69")
        #expect(try await bench.local().run() == 69)
        let tries = try String(contentsOf: bench.folder.appendingPathComponent("tries"), encoding: .utf8)
        #expect(tries.split(separator: "\n").count == 3)
    }

    @Test("ends with 70 and the worker's last words when it crashes, or is killed")
    func crashes() async throws {
        let crashed = try Bench("echo 'Fatal error: index' >&2; kill -SEGV $$")
        #expect(try await crashed.local().run() == 70)
        #expect(crashed.text.contains("ended by signal 11; it said last: Fatal error: index"))
        let killed = try Bench("kill -KILL $$")
        #expect(try await killed.local().run() == 70)
        #expect(killed.text.contains("the machine may have run out of memory"))
    }

    @Test("ends with 70 when the worker says that all is well but writes no result")
    func noResult() async throws {
        let bench = try Bench("exit 0")
        #expect(try await bench.local().run() == 70)
    }

    @Test("stops its worker when it is cancelled")
    func cancelled() async throws {
        let bench = try Bench("echo $$ >pid.new && mv pid.new pid; exec sleep 60")
        let local = try bench.local()
        let pidFile = bench.folder.appendingPathComponent("pid")
        let start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await local.run() }
            // The shell makes the file before it writes into it.
            while (try? Data(contentsOf: pidFile))?.isEmpty ?? true { try? await Task.sleep(for: .milliseconds(5)) }
            group.cancelAll()
        }
        #expect(ContinuousClock.now - start < .seconds(4))
        let text = try String(contentsOf: pidFile, encoding: .utf8)
        let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(kill(try #require(pid), 0) == -1)
    }

    @Test("is not run twice at once in one store")
    func locked() throws {
        let bench = try Bench("")
        let file = bench.folder.appendingPathComponent("lock")
        let lock = try StoreLock(file, pipeline: "demo")
        #expect(throws: CLIError.alreadyRunning(pipeline: "demo")) { try StoreLock(file, pipeline: "demo") }
        lock.release()
    }
}

struct NoTransport: HTTPTransport {
    func send(_ request: HTTPRequest) async throws -> HTTPResponse { HTTPResponse(status: 503) }

    func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse {
        throw HTTPTransportError.invalidURL(request.url)
    }
}
