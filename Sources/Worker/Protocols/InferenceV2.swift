// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The bodies of the Open Inference Protocol v2: an input tensor `history` and one output tensor `forecast`.
///
/// Where forecasts depend on when they are made there is a second input tensor `end`, [batch]: the time of each history's
/// last row, as INT64 in seconds since 1970 or as BYTES in RFC 3339. Other models take it too.
struct InferenceV2: Sendable {
    /// Name of the input tensor, [batch, lookback, columns], or [batch, lookback] for one column.
    static let input = "history"
    /// Name of the output tensor, [batch, horizon, targets].
    static let output = "forecast"

    /// The element types that are taken and given.
    enum Datatype: String, Sendable, CaseIterable {
        case fp32 = "FP32"
        case fp64 = "FP64"
    }

    /// A request as it was understood.
    struct Request: Sendable, Equatable {
        /// What the answer must repeat; nil where there is none.
        var id: String?
        /// The answer's element type: that of the input.
        var datatype: Datatype
        /// The histories.
        var history: HistoryBatch
    }

    private struct Tensor {
        var name: String?
        var datatype: String?
        var shape: [Double]?
        var data: [Double]?
        var dataShape: [Int] = []
        var texts: [String]?
    }

    /// How many tensors a request may hold.
    private static let mostTensors = 2

    let shape: WindowShape
    /// Whether a request must hold the times.
    var needsTimes = false

    /// Reads a request's body.
    func decode(_ body: [UInt8]) throws(WorkerError) -> Request {
        var scanner = JSONScanner(body)
        var id: String?
        var tensors: [Tensor]?
        try scanner.object("body") { (key, scanner) throws(WorkerError) in
            switch key {
            case "id": id = try scanner.string("id")
            case "inputs":
                guard tensors == nil else { throw .invalidBody(field: "inputs", problem: "is there twice") }
                tensors = try inputs(&scanner)
            case "outputs": try checkOutputs(&scanner)
            default: try scanner.skip()
            }
        }
        try scanner.requireEnd()
        guard let tensors, !tensors.isEmpty else {
            let found = tensors.map { "holds \($0.count) tensors" } ?? "is missing"
            throw .invalidBody(field: "inputs", problem: "\(found); must hold the tensor '\(Self.input)'")
        }
        // The order of tensors says nothing.
        let timesAt = tensors.firstIndex { $0.name == HistoryEnd.name }
        let historyAt = timesAt == 0 && tensors.count > 1 ? 1 : 0
        var request = try request(id: id, tensors[historyAt], "inputs[\(historyAt)]")
        if let timesAt, timesAt != historyAt {
            request.history.ends = try ends(tensors[timesAt], "inputs[\(timesAt)]", batch: request.history.batch)
        } else if tensors.count > 1 {
            throw .invalidBody(field: "inputs[1].name", problem: "must be '\(HistoryEnd.name)'")
        } else if needsTimes {
            throw .invalidBody(
                field: "inputs",
                problem:
                    "has no tensor '\(HistoryEnd.name)', which this model needs: INT64 of shape [batch], the time of each "
                    + "history's last row in seconds since 1970"
            )
        }
        return request
    }

    /// The times of a tensor [batch].
    private func ends(_ tensor: Tensor, _ place: String, batch: Int) throws(WorkerError) -> [Int64] {
        guard tensor.shape == [Double(batch)] || tensor.shape == [Double(batch), 1] else {
            throw .invalidBody(field: "\(place).shape", problem: "must be [\(batch)]: a time for each history")
        }
        let found: [Int64]
        switch tensor.datatype {
        case "INT64":
            found = try (tensor.data ?? []).map { number throws(WorkerError) in
                try HistoryEnd.seconds(number, "\(place).data")
            }
        case "BYTES":
            found = try (tensor.texts ?? []).map { text throws(WorkerError) in
                try HistoryEnd.seconds(text, "\(place).data")
            }
        default: throw .invalidBody(field: "\(place).datatype", problem: "must be INT64 or BYTES")
        }
        guard found.count == batch else {
            throw .invalidBody(field: "\(place).data", problem: "holds \(found.count) times; must hold \(batch)")
        }
        return found
    }

    private func inputs(_ scanner: inout JSONScanner) throws(WorkerError) -> [Tensor] {
        var tensors: [Tensor] = []
        try scanner.array("inputs") { (position, scanner) throws(WorkerError) in
            guard position < Self.mostTensors else {
                throw .invalidBody(
                    field: "inputs",
                    problem: "must hold just the tensors '\(Self.input)' and '\(HistoryEnd.name)'"
                )
            }
            tensors.append(try tensor("inputs[\(position)]", &scanner))
        }
        return tensors
    }

    private func tensor(_ field: String, _ scanner: inout JSONScanner) throws(WorkerError) -> Tensor {
        var tensor = Tensor()
        try scanner.object(field) { (key, scanner) throws(WorkerError) in
            switch key {
            case "name": tensor.name = try scanner.string("\(field).name")
            case "datatype": tensor.datatype = try scanner.string("\(field).datatype")
            case "shape":
                var sizes: [Double] = []
                let found = try scanner.numbers("\(field).shape", into: &sizes)
                guard found.count == 1 else {
                    throw .invalidBody(field: "\(field).shape", problem: "must be a flat list of whole numbers")
                }
                tensor.shape = sizes
            case "data" where scanner.isArrayOfStrings():
                var texts: [String] = []
                try scanner.array("\(field).data") { (position, scanner) throws(WorkerError) in
                    texts.append(try scanner.string("\(field).data[\(position)]"))
                }
                tensor.texts = texts
            case "data":
                var data: [Double] = []
                data.reserveCapacity(shape.inputCount)
                tensor.dataShape = try scanner.numbers("\(field).data", into: &data)
                tensor.data = data
            default: try scanner.skip()
            }
        }
        return tensor
    }

    private func checkOutputs(_ scanner: inout JSONScanner) throws(WorkerError) {
        try scanner.array("outputs") { (position, scanner) throws(WorkerError) in
            try scanner.object("outputs[\(position)]") { (key, scanner) throws(WorkerError) in
                guard key == "name" else { return try scanner.skip() }
                let name = try scanner.string("outputs[\(position)].name")
                guard name == Self.output else {
                    throw .invalidBody(
                        field: "outputs[\(position)].name",
                        problem: "is '\(name.prefix(60))'; must be '\(Self.output)'"
                    )
                }
            }
        }
    }

    private func request(id: String?, _ tensor: Tensor, _ place: String) throws(WorkerError) -> Request {
        func fault(_ field: String, _ problem: String) -> WorkerError {
            .invalidBody(field: "\(place).\(field)", problem: problem)
        }
        guard tensor.name == Self.input else {
            let found = tensor.name.map { "is '\($0.prefix(60))'" } ?? "is missing"
            throw fault("name", "\(found); must be '\(Self.input)'")
        }
        guard let datatype = Datatype(rawValue: tensor.datatype ?? "") else {
            let found = tensor.datatype.map { "is '\($0.prefix(60))'" } ?? "is missing"
            throw fault("datatype", "\(found); must be FP32 or FP64")
        }
        let batch = try batchSize(tensor.shape, place)
        guard let data = tensor.data else { throw fault("data", "is missing; must hold the numbers of the tensor") }
        try HistoryBatch.requireFits(batch: batch, shape: shape, field: place)
        let (expected, overflow) = batch.multipliedReportingOverflow(by: shape.inputCount)
        guard !overflow, data.count == expected else {
            throw fault("data", "holds \(data.count) numbers; the shape needs \(batch) x \(shape.inputCount)")
        }
        let declared = (tensor.shape ?? []).map { Int($0) }
        guard tensor.dataShape.count == 1 || tensor.dataShape == declared else {
            let nested = JSONWriter.shape(tensor.dataShape)
            throw fault("data", "is nested as \(nested); must be flat or nested as \(JSONWriter.shape(declared))")
        }
        return Request(id: id, datatype: datatype, history: HistoryBatch(values: data, batch: batch))
    }

    /// The first size of a shape that fits the model.
    private func batchSize(_ sizes: [Double]?, _ place: String) throws(WorkerError) -> Int {
        let whole = "[batch,\(shape.lookback),\(shape.channels)]"
        let wanted = shape.channels == 1 ? "\(whole) or [batch,\(shape.lookback)]" : whole
        guard let sizes else {
            throw .invalidBody(field: "\(place).shape", problem: "is missing; must be \(wanted)")
        }
        let inner = [Double(shape.lookback), Double(shape.channels)]
        let isFlat = shape.channels == 1 && sizes.count == 2 && sizes[1] == inner[0]
        guard
            let first = sizes.first, isFlat || Array(sizes.dropFirst()) == inner,
            let batch = Int(exactly: first), (1...Int(Int32.max)).contains(batch)
        else {
            let found = JSONWriter.shape(sizes.prefix(8).map { Int(exactly: $0).map { $0 } ?? -1 })
            throw .invalidBody(field: "\(place).shape", problem: "is \(found); must be \(wanted)")
        }
        return batch
    }

    /// Writes an answer: `forecasts` is [batch x horizon x targets].
    func encode(
        _ forecasts: [Double],
        for request: Request,
        model: String,
        version: String
    ) throws(WorkerError) -> [UInt8] {
        let batch = request.history.batch
        var writer = JSONWriter(numbers: forecasts.count)
        writer.text("{\"model_name\":")
        writer.string(model)
        writer.text(",\"model_version\":")
        writer.string(version)
        if let id = request.id {
            writer.text(",\"id\":")
            writer.string(id)
        }
        writer.text(",\"outputs\":[{\"name\":\"\(Self.output)\",\"shape\":")
        writer.text(JSONWriter.shape([batch, shape.horizon, shape.targets]))
        writer.text(",\"datatype\":\"\(request.datatype.rawValue)\",\"data\":")
        try writer.numbers(forecasts, shape: [forecasts.count])
        writer.text("}]}")
        return writer.bytes
    }
}
