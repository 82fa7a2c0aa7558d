// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

extension InferenceV2 {
    /// Writes an answer: `forecasts` is [batch x horizon x targets].
    func encode(
        _ forecasts: [Double],
        for request: Request,
        model: String,
        version: String
    ) throws(ServingError) -> Answer {
        var writer = JSONWriter(numbers: request.wantsBinary ? 0 : forecasts.count * (1 + request.quantiles.count))
        writer.text("{\"model_name\":")
        writer.string(model)
        writer.text(",\"model_version\":")
        writer.string(version)
        if let id = request.id {
            writer.text(",\"id\":")
            writer.string(id)
        }
        writer.text(",\"outputs\":[")
        var binary: [UInt8] = []
        let tensors = try tensors(forecasts, for: request)
        for (index, tensor) in tensors.enumerated() {
            if index > 0 { writer.text(",") }
            try write(tensor, request.datatype, &writer, &binary)
        }
        writer.text("]}")
        guard tensors.contains(where: \.isBinary) else { return Answer(bytes: writer.bytes) }
        return Answer(bytes: writer.bytes + binary, jsonLength: writer.bytes.count)
    }

    /// An output tensor.
    private struct Output {
        var name: String
        var shape: [Int]
        var values: [Double]
        var isBinary: Bool
        /// What its last dimension stands for; nil where that is said by the metadata.
        var quantiles: String?
    }

    private func tensors(_ forecasts: [Double], for request: Request) throws(ServingError) -> [Output] {
        let (batch, steps) = (request.history.batch, request.horizon)
        var tensors: [Output] = []
        if request.wantsForecast {
            tensors.append(
                Output(
                    name: Self.output,
                    shape: [batch, steps, shape.targets],
                    values: truncated(forecasts, to: steps, batch: batch),
                    isBinary: request.wantsBinary
                )
            )
        }
        guard let intervals, !request.quantiles.isEmpty else { return tensors }
        let columns = request.quantiles.map { quantile in
            let values =
                groups?.quantile(quantile, of: forecasts, at: request.history.series)
                ?? intervals.quantile(quantile, of: forecasts)
            return truncated(values, to: steps, batch: batch)
        }
        tensors.append(
            Output(
                name: Self.quantiles,
                shape: [batch, steps, shape.targets, columns.count],
                values: (0..<batch * steps * shape.targets).flatMap { cell in columns.map { $0[cell] } },
                isBinary: request.wantsBinaryQuantiles,
                quantiles: ForecastIntervals.list(request.quantiles.map { intervals.quantiles[$0] })
            )
        )
        return tensors
    }

    private func write(
        _ tensor: Output,
        _ datatype: Datatype,
        _ writer: inout JSONWriter,
        _ binary: inout [UInt8]
    ) throws(ServingError) {
        writer.text("{\"name\":\"\(tensor.name)\",\"shape\":")
        writer.text(JSONWriter.shape(tensor.shape))
        writer.text(",\"datatype\":\"\(datatype.rawValue)\"")
        var parameters = tensor.quantiles.map { ["\"quantiles\":\"\($0)\""] } ?? []
        if tensor.isBinary {
            let bytes = try Self.littleEndian(tensor.values, datatype)
            parameters.append("\"binary_data_size\":\(bytes.count)")
            binary += bytes
        }
        if !parameters.isEmpty { writer.text(",\"parameters\":{\(parameters.joined(separator: ","))}") }
        if !tensor.isBinary {
            writer.text(",\"data\":")
            try writer.numbers(tensor.values, shape: [tensor.values.count])
        }
        writer.text("}")
    }

    /// The first steps of each forecast.
    private func truncated(_ forecasts: [Double], to horizon: Int, batch: Int) -> [Double] {
        guard horizon < shape.horizon else { return forecasts }
        return (0..<batch).flatMap { forecast in
            forecasts[forecast * shape.outputCount..<forecast * shape.outputCount + horizon * shape.targets]
        }
    }

    private static func littleEndian(_ values: [Double], _ datatype: Datatype) throws(ServingError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 8)
        for value in values {
            let (bits, width) =
                datatype == .fp64 ? (value.bitPattern, 8) : (UInt64(Float(value).bitPattern), 4)
            guard datatype == .fp64 ? value.isFinite : Float(value).isFinite else { throw .forecastNotFinite }
            for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * byte))) }
        }
        return bytes
    }
}
