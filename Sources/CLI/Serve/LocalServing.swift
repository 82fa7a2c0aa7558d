// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeCore

/// Serves the promoted version, asks it for a forecast over HTTP, and draws the answer.
struct LocalServing: Sendable {
    /// The pipeline with its status.
    let pipeline: ForecastPipeline
    let options: RunOptions
    let console: Console
    let transport: any HTTPTransport

    func run() async throws {
        let name = pipeline.spec.service?.name ?? pipeline.metadata.name
        guard let model = pipeline.status?.model,
            let run = pipeline.metadata.annotations?[LocalPipeline.promotedRun]
        else { throw CLIError.nothingToServe(pipeline: pipeline.metadata.name) }
        let namespace = pipeline.metadata.namespace ?? "default"
        let forecast = try ForecastFile.load(store: options.store, namespace: namespace, run: run)
        let series = try options.series?.series(of: forecast) ?? forecast.first
        let service = LocalService(worker: options.worker, store: options.store, model: model.uri, name: name)
        try await service.whileUp { address in
            let url = "\(address)/v1/models/\(name):predict"
            try await ask(url, Prediction(forecast: forecast, series: series), run: run, namespace: namespace)
            if options.keepServing { await untilCancelled(address) }
        }
    }

    private func ask(_ url: String, _ prediction: Prediction, run: String, namespace: String) async throws {
        let body = try prediction.body()
        let file = options.store.appendingPathComponent("runs/\(namespace)/\(run)/request.json")
        do { try body.write(to: file, options: .atomic) } catch {
            throw CLIError.storeFailed(path: file.path, reason: (error as NSError).localizedDescription)
        }
        console.write("\ncurl -s \(url) -d @\(file.relativeToHere)\n")
        let start = ContinuousClock.now
        let answer: HTTPResponse
        do {
            let headers = [HTTPHeader("Content-Type", "application/json")]
            answer = try await transport.send(HTTPRequest(method: "POST", url: url, headers: headers, body: body))
        } catch let error as HTTPTransportError {
            throw CLIError.serviceFailed(reason: error.description)
        }
        let took = ContinuousClock.now - start
        let values = try prediction.check(status: answer.status, body: answer.body)
        let milliseconds = Double(took.components.attoseconds) / 1e15 + Double(took.components.seconds) * 1000
        console.write("answered in \(String(format: "%.1f", milliseconds)) ms with \(values.count) values\n\n")
        try draw(prediction.forecast.chart(of: prediction.series, ahead: values))
    }

    private func draw(_ chart: ForecastChart) throws {
        console.write(TerminalChart(chart: chart, width: console.width, style: console.style).text)
        let file = options.svg ?? options.store.appendingPathComponent("\(pipeline.metadata.name).svg")
        do {
            try Data(SVGChart(chart: chart).text.utf8).write(to: file, options: .atomic)
        } catch {
            throw CLIError.storeFailed(path: file.path, reason: (error as NSError).localizedDescription)
        }
        console.write("\nThe same as a picture: \(file.relativeToHere)\n")
    }

    /// Ctrl-C is the ordinary end here, so cancellation is not an error.
    private func untilCancelled(_ address: String) async {
        console.write("serving on \(address) until Ctrl-C\n")
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
    }
}

extension URL {
    /// The path as somebody in the current folder would type it.
    fileprivate var relativeToHere: String {
        let here = FileManager.default.currentDirectoryPath + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }
}
