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
    ) throws(WorkerError) -> Answer {
        let values = truncated(forecasts, to: request.horizon, batch: request.history.batch)
        var writer = JSONWriter(numbers: request.wantsBinary ? 0 : values.count)
        writer.text("{\"model_name\":")
        writer.string(model)
        writer.text(",\"model_version\":")
        writer.string(version)
        if let id = request.id {
            writer.text(",\"id\":")
            writer.string(id)
        }
        writer.text(",\"outputs\":[{\"name\":\"\(Self.output)\",\"shape\":")
        writer.text(JSONWriter.shape([request.history.batch, request.horizon, shape.targets]))
        writer.text(",\"datatype\":\"\(request.datatype.rawValue)\"")
        guard request.wantsBinary else {
            writer.text(",\"data\":")
            try writer.numbers(values, shape: [values.count])
            writer.text("}]}")
            return Answer(bytes: writer.bytes)
        }
        let bytes = try Self.littleEndian(values, request.datatype)
        writer.text(",\"parameters\":{\"binary_data_size\":\(bytes.count)}}]}")
        return Answer(bytes: writer.bytes + bytes, jsonLength: writer.bytes.count)
    }

    /// The first steps of each forecast.
    private func truncated(_ forecasts: [Double], to horizon: Int, batch: Int) -> [Double] {
        guard horizon < shape.horizon else { return forecasts }
        return (0..<batch).flatMap { forecast in
            forecasts[forecast * shape.outputCount..<forecast * shape.outputCount + horizon * shape.targets]
        }
    }

    private static func littleEndian(_ values: [Double], _ datatype: Datatype) throws(WorkerError) -> [UInt8] {
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
