// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

extension InferenceV2 {
    /// Where the tensor of each grouping column stands; nil for one that is not there.
    func groupsAt(_ tensors: [InferenceTensor]) -> [Int?] {
        (groups?.groupBy ?? []).map { column in tensors.firstIndex { $0.name == column } }
    }

    /// The series of each history, by a tensor [batch] for each grouping column; empty where the model is not grouped.
    func series(_ tensors: [InferenceTensor], batch: Int) throws(ServingError) -> [Int] {
        guard let groups else { return [] }
        var columns: [[String]] = []
        for (column, place) in zip(groups.groupBy, groupsAt(tensors)) {
            guard let place else { throw groups.missing("inputs, the tensor '\(column)' (BYTES, [batch])") }
            columns.append(try texts(tensors[place], "inputs[\(place)]", batch: batch))
        }
        return try (0..<batch).map { history throws(ServingError) in
            try groups.place(of: columns.map { $0[history] }, "inputs: history \(history)")
        }
    }

    private func texts(_ tensor: InferenceTensor, _ place: String, batch: Int) throws(ServingError) -> [String] {
        guard tensor.shape == [Double(batch)] || tensor.shape == [Double(batch), 1] else {
            throw .invalidBody(field: "\(place).shape", problem: "must be [\(batch)]: a text for each history")
        }
        guard tensor.datatype == "BYTES" else {
            throw .invalidBody(field: "\(place).datatype", problem: "must be BYTES")
        }
        guard let texts = tensor.texts, texts.count == batch else {
            throw .invalidBody(
                field: "\(place).data",
                problem: "holds \(tensor.texts?.count ?? 0) texts; must hold \(batch)"
            )
        }
        return texts
    }
}
