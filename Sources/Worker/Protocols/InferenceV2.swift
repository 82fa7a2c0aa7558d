// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The bodies of the Open Inference Protocol v2: one input tensor `history`, one output tensor `forecast`.
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
    }

    let shape: WindowShape

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
        guard let tensors, let tensor = tensors.first, tensors.count == 1 else {
            let found = tensors.map { "holds \($0.count) tensors" } ?? "is missing"
            throw .invalidBody(field: "inputs", problem: "\(found); must hold the one tensor '\(Self.input)'")
        }
        return try request(id: id, tensor)
    }

    private func inputs(_ scanner: inout JSONScanner) throws(WorkerError) -> [Tensor] {
        var tensors: [Tensor] = []
        try scanner.array("inputs") { (position, scanner) throws(WorkerError) in
            guard position == 0 else {
                throw .invalidBody(field: "inputs", problem: "must hold just the one tensor '\(Self.input)'")
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

    private func request(id: String?, _ tensor: Tensor) throws(WorkerError) -> Request {
        func fault(_ field: String, _ problem: String) -> WorkerError {
            .invalidBody(field: "inputs[0].\(field)", problem: problem)
        }
        guard tensor.name == Self.input else {
            let found = tensor.name.map { "is '\($0.prefix(60))'" } ?? "is missing"
            throw fault("name", "\(found); must be '\(Self.input)'")
        }
        guard let datatype = Datatype(rawValue: tensor.datatype ?? "") else {
            let found = tensor.datatype.map { "is '\($0.prefix(60))'" } ?? "is missing"
            throw fault("datatype", "\(found); must be FP32 or FP64")
        }
        let batch = try batchSize(tensor.shape)
        guard let data = tensor.data else { throw fault("data", "is missing; must hold the numbers of the tensor") }
        try HistoryBatch.requireFits(batch: batch, shape: shape, field: "inputs[0]")
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
    private func batchSize(_ sizes: [Double]?) throws(WorkerError) -> Int {
        let whole = "[batch,\(shape.lookback),\(shape.channels)]"
        let wanted = shape.channels == 1 ? "\(whole) or [batch,\(shape.lookback)]" : whole
        guard let sizes else {
            throw .invalidBody(field: "inputs[0].shape", problem: "is missing; must be \(wanted)")
        }
        let inner = [Double(shape.lookback), Double(shape.channels)]
        let isFlat = shape.channels == 1 && sizes.count == 2 && sizes[1] == inner[0]
        guard
            let first = sizes.first, isFlat || Array(sizes.dropFirst()) == inner,
            let batch = Int(exactly: first), (1...Int(Int32.max)).contains(batch)
        else {
            let found = JSONWriter.shape(sizes.prefix(8).map { Int(exactly: $0).map { $0 } ?? -1 })
            throw .invalidBody(field: "inputs[0].shape", problem: "is \(found); must be \(wanted)")
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
