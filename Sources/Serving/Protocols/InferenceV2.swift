// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The bodies of the Open Inference Protocol v2: an input tensor `history` and one output tensor `forecast`.
///
/// Where forecasts depend on when they are made there is a second input tensor `end`, [batch]: the time of each history's
/// last row, as INT64 in seconds since 1970 or as BYTES in RFC 3339. Other models take it too. The request's parameter
/// `horizon` asks for fewer steps, `quantiles` for a second output tensor of that name. Tensors may also stand behind the
/// JSON as bytes, as Triton's clients send them: the protocol's extension `binary_tensor_data`. What must be known of the
/// rows to forecast is a tensor `future`, [batch, horizon, columns]. A model of several series has a tensor of BYTES, [batch],
/// for each grouping column, by its name.
struct InferenceV2: Sendable {
    /// Name of the input tensor, [batch, lookback, columns], or [batch, lookback] for one column.
    static let input = "history"
    /// Name of the output tensor, [batch, horizon, targets].
    static let output = "forecast"
    /// Name of the output tensor of quantiles, [batch, horizon, targets, quantiles].
    static let quantiles = "quantiles"
    /// The extensions that are served.
    static let extensions = ["binary_tensor_data"]

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
        /// How many steps are asked for.
        var horizon: Int
        /// Whether the forecasts are wanted.
        var wantsForecast = true
        /// Whether they are wanted as bytes behind the JSON.
        var wantsBinary = false
        /// The positions of the quantiles that are wanted; empty for none.
        var quantiles: [Int] = []
        /// Whether they are wanted as bytes behind the JSON.
        var wantsBinaryQuantiles = false
    }

    /// An answer's bytes.
    struct Answer: Sendable, Equatable {
        /// JSON, and what stands behind it.
        var bytes: [UInt8]
        /// How many bytes of JSON there are where others stand behind it; nil where it is all JSON.
        var jsonLength: Int?
    }

    let shape: WindowShape
    /// Whether a request must hold the times.
    var needsTimes = false
    /// Whether values may be missing: `null`, or NaN in binary data.
    var takesGaps = false
    /// The quantiles that may be asked for; nil where there are none.
    var intervals: ForecastIntervals?

    /// The columns that must be known for the rows to forecast.
    var futureColumns: [String] = []
    /// The series that each history must be of one of; nil where there is but one.
    var groups: ServedGroups?

    private var outputs: [String] { intervals == nil ? [Self.output] : [Self.output, Self.quantiles] }
    private var future: FutureRows { FutureRows(shape, columns: futureColumns) }
    /// The tensors that a request may hold.
    private var names: [String] {
        var names = [Self.input, HistoryEnd.name]
        if future.isNeeded { names.append(FutureRows.name) }
        if let groups { names += groups.groupBy }
        return names
    }

    // MARK: Requests

    /// Reads a request's body.
    /// - Parameter jsonLength: How many bytes of it are JSON where others stand behind it; nil where all are.
    func decode(_ body: [UInt8], jsonLength: Int? = nil) throws(ServingError) -> Request {
        let length = jsonLength ?? body.count
        guard length <= body.count else {
            throw .invalidBody(field: "body", problem: "has \(body.count) bytes; its header says \(length) of JSON")
        }
        var scanner = JSONScanner(length == body.count ? body : Array(body.prefix(length)), takesGaps: takesGaps)
        var wishes = InferenceWishes()
        var found: [InferenceTensor]?
        try scanner.object("body") { (key, scanner) throws(ServingError) in
            switch key {
            case "id": wishes.id = try scanner.string("id")
            case "inputs":
                guard found == nil else { throw .invalidBody(field: "inputs", problem: "is there twice") }
                found = try inputs(&scanner)
            case "outputs": try wishes.readOutputs(&scanner, known: outputs)
            case "parameters": try wishes.readParameters(&scanner, horizon: shape.horizon, intervals)
            default: try scanner.skip()
            }
        }
        try scanner.requireEnd()
        guard var tensors = found, !tensors.isEmpty else {
            let found = found.map { "holds \($0.count) tensors" } ?? "is missing"
            throw .invalidBody(field: "inputs", problem: "\(found); must hold the tensor '\(Self.input)'")
        }
        var rest = body[length...]
        for position in tensors.indices {
            rest = rest.dropFirst(try tensors[position].readBinary(rest, "inputs[\(position)]", takesGaps: takesGaps))
        }
        guard rest.isEmpty else {
            throw .invalidBody(field: "body", problem: "has \(rest.count) bytes behind its tensors")
        }
        return try request(tensors, wishes)
    }

    private func request(_ tensors: [InferenceTensor], _ wishes: InferenceWishes) throws(ServingError) -> Request {
        // The order of tensors says nothing.
        let timesAt = tensors.firstIndex { $0.name == HistoryEnd.name }
        let futureAt = future.isNeeded ? tensors.firstIndex { $0.name == FutureRows.name } : nil
        var others = [timesAt, futureAt]
        if groups != nil { others += groupsAt(tensors) }
        let historyAt = tensors.indices.first { !others.contains($0) } ?? 0
        var request = try request(wishes, tensors[historyAt], "inputs[\(historyAt)]")
        if let other = tensors.indices.first(where: { $0 != historyAt && !others.contains($0) }) {
            let known = names.dropFirst().map { "'\($0)'" }.joined(separator: " or ")
            throw .invalidBody(field: "inputs[\(other)].name", problem: "must be \(known)")
        }
        if future.isNeeded {
            guard let futureAt else { throw future.missing("inputs, the tensor '\(FutureRows.name)'") }
            let (tensor, place) = (tensors[futureAt], "inputs[\(futureAt)]")
            request.history.future = try known(tensor, place, batch: request.history.batch)
        }
        request.history.series = try series(tensors, batch: request.history.batch)
        if let timesAt {
            request.history.ends = try ends(tensors[timesAt], "inputs[\(timesAt)]", batch: request.history.batch)
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

    /// What is known of the rows to forecast, of a tensor [batch, horizon, columns].
    private func known(_ tensor: InferenceTensor, _ place: String, batch: Int) throws(ServingError) -> [Double] {
        let whole = [Double(batch), Double(shape.horizon), Double(shape.future)]
        guard tensor.shape == whole || (shape.future == 1 && tensor.shape == Array(whole.dropLast())) else {
            throw .invalidBody(
                field: "\(place).shape",
                problem: "must be [\(batch),\(shape.horizon),\(shape.future)]: the columns "
                    + "\(futureColumns.joined(separator: ", ")) in the rows to forecast"
            )
        }
        guard Datatype(rawValue: tensor.datatype ?? "") != nil else {
            throw .invalidBody(field: "\(place).datatype", problem: "must be FP32 or FP64")
        }
        // No batch of histories that fits is too large for the product.
        guard let data = tensor.data, data.count == batch * shape.futureCount else {
            throw .invalidBody(
                field: "\(place).data",
                problem: "holds \(tensor.data?.count ?? 0) numbers; the shape needs \(batch) x \(shape.futureCount)"
            )
        }
        return data
    }

    /// The times of a tensor [batch].
    private func ends(_ tensor: InferenceTensor, _ place: String, batch: Int) throws(ServingError) -> [Int64] {
        guard tensor.shape == [Double(batch)] || tensor.shape == [Double(batch), 1] else {
            throw .invalidBody(field: "\(place).shape", problem: "must be [\(batch)]: a time for each history")
        }
        let found: [Int64]
        switch tensor.datatype {
        case "INT64":
            found = try (tensor.data ?? []).map { number throws(ServingError) in
                try HistoryEnd.seconds(number, "\(place).data")
            }
        case "BYTES":
            found = try (tensor.texts ?? []).map { text throws(ServingError) in
                try HistoryEnd.seconds(text, "\(place).data")
            }
        default: throw .invalidBody(field: "\(place).datatype", problem: "must be INT64 or BYTES")
        }
        guard found.count == batch else {
            throw .invalidBody(field: "\(place).data", problem: "holds \(found.count) times; must hold \(batch)")
        }
        return found
    }

    private func inputs(_ scanner: inout JSONScanner) throws(ServingError) -> [InferenceTensor] {
        var tensors: [InferenceTensor] = []
        try scanner.array("inputs") { (position, scanner) throws(ServingError) in
            guard position < names.count else {
                let list = names.map { "'\($0)'" }.joined(separator: " and ")
                throw .invalidBody(field: "inputs", problem: "must hold just the tensors \(list)")
            }
            tensors.append(try InferenceTensor("inputs[\(position)]", expecting: shape.inputCount, &scanner))
        }
        return tensors
    }

    private func request(
        _ wishes: InferenceWishes,
        _ tensor: InferenceTensor,
        _ place: String
    ) throws(ServingError) -> Request {
        func fault(_ field: String, _ problem: String) -> ServingError {
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
        let quantiles = wanted(wishes)
        guard let data = tensor.data else { throw fault("data", "is missing; must hold the numbers of the tensor") }
        try HistoryBatch.requireFits(batch: batch, shape: shape, copies: 1 + quantiles.count, field: place)
        let (expected, overflow) = batch.multipliedReportingOverflow(by: shape.inputCount)
        guard !overflow, data.count == expected else {
            throw fault("data", "holds \(data.count) numbers; the shape needs \(batch) x \(shape.inputCount)")
        }
        let declared = (tensor.shape ?? []).map { Int($0) }
        guard tensor.dataShape.count == 1 || tensor.dataShape == declared else {
            let nested = JSONWriter.shape(tensor.dataShape)
            throw fault("data", "is nested as \(nested); must be flat or nested as \(JSONWriter.shape(declared))")
        }
        return Request(
            id: wishes.id,
            datatype: datatype,
            history: HistoryBatch(values: data, batch: batch),
            horizon: wishes.horizon ?? shape.horizon,
            wantsForecast: wishes.wants(Self.output, byItself: true),
            wantsBinary: wishes.isBinary(Self.output),
            quantiles: quantiles,
            wantsBinaryQuantiles: wishes.isBinary(Self.quantiles)
        )
    }

    /// The positions of the quantiles that go into the answer: all where just their tensor is asked for.
    private func wanted(_ wishes: InferenceWishes) -> [Int] {
        guard let intervals, wishes.wants(Self.quantiles, byItself: wishes.quantiles != nil) else { return [] }
        return wishes.quantiles ?? Array(intervals.quantiles.indices)
    }

    /// The first size of a shape that fits the model.
    private func batchSize(_ sizes: [Double]?, _ place: String) throws(ServingError) -> Int {
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
}
