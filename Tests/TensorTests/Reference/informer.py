# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""Informer (H. Zhou et al., AAAI 2021) in PyTorch, as the authors' Informer2020 has it: what tensor-bench compares with.

Reads one JSON object a line, measures what it asks for, and answers with one; README.md says how to install PyTorch.
"""

import json
import math
import pathlib
import re
import sys
import time

import torch
from torch import nn
from torch.nn import functional


def places(length, width):
    frequency = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000) / width))
    angle = torch.arange(length).unsqueeze(1) * frequency
    return torch.stack([angle.sin(), angle.cos()], dim=2).reshape(length, width)


class Embedding(nn.Module):
    """Values, places and times of [batch, time, columns] as vectors of the model's width."""

    def __init__(self, columns, marks, length, width, dropout):
        super().__init__()
        self.values = nn.Conv1d(columns, width, 3, padding=1, padding_mode="circular")
        nn.init.kaiming_normal_(self.values.weight, mode="fan_in", nonlinearity="leaky_relu")
        self.times = nn.Linear(marks, width)
        self.register_buffer("places", places(length, width))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, marks):
        values = self.values(x.transpose(1, 2)).transpose(1, 2)
        return self.dropout(values + self.places + self.times(marks))


class Attention(nn.Module):
    """Multi-head attention: ProbSparse of a factor, or full where it is 0."""

    def __init__(self, width, heads, factor=0, causal=False, mix=False, dropout=0.0):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.heads, self.factor, self.causal, self.mix = heads, factor, causal, mix
        self.dropout = nn.Dropout(dropout)

    def split(self, x):
        return x.reshape(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def forward(self, x, memory):
        q, k, v = self.split(self.query(x)), self.split(self.key(memory)), self.split(self.value(memory))
        result = self.sparse(q, k, v) if self.factor else self.full(q, k, v)
        if not self.mix:
            result = result.transpose(1, 2)
        return self.out(result.reshape(x.shape[0], x.shape[1], -1))

    def draw(self, queries, keys, sampled):
        return torch.randint(keys, (queries, sampled))

    def full(self, q, k, v):
        scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[3])
        if self.causal:
            later = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool).triu(1)
            scores = scores.masked_fill(later, -torch.inf)
        return self.dropout(scores.softmax(-1)) @ v

    def sparse(self, q, k, v):
        queries, keys = q.shape[2], k.shape[2]
        sampled, chosen = (min(n, self.factor * math.ceil(math.log(n))) for n in (keys, queries))
        # Each query's own sample of keys, copied out as the authors do.
        sample = k[:, :, self.draw(queries, keys, sampled)]
        scores = (q.unsqueeze(3) @ sample.transpose(3, 4)).squeeze(3)
        best = (scores.amax(3) - scores.sum(3) / keys).topk(chosen, sorted=False).indices
        scores = q.gather(2, best.unsqueeze(3).expand(-1, -1, -1, q.shape[3])) @ k.transpose(2, 3)
        scores = scores / math.sqrt(q.shape[3])
        if self.causal:
            scores = scores.masked_fill(torch.arange(keys) > best.unsqueeze(3), -torch.inf)
            rest = v.cumsum(2)
        else:
            rest = v.mean(2, keepdim=True).expand(-1, -1, queries, -1).clone()
        return rest.scatter(2, best.unsqueeze(3).expand(-1, -1, -1, v.shape[3]), scores.softmax(-1) @ v)


class FeedForward(nn.Module):
    def __init__(self, width, hidden, dropout):
        super().__init__()
        # Convolutions of one tap in the authors' code; linear maps are the same and faster.
        self.inner, self.outer, self.dropout = nn.Linear(width, hidden), nn.Linear(hidden, width), nn.Dropout(dropout)

    def forward(self, x):
        return self.dropout(self.outer(self.dropout(functional.gelu(self.inner(x)))))


class EncoderLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, dropout = c["width"], c["dropout"]
        self.attention = Attention(width, c["heads"], c["factor"], dropout=dropout)
        self.feed = FeedForward(width, c["feedForward"], dropout)
        self.norm1, self.norm2, self.dropout = nn.LayerNorm(width), nn.LayerNorm(width), nn.Dropout(dropout)

    def forward(self, x):
        x = self.norm1(x + self.dropout(self.attention(x, x)))
        return self.norm2(x + self.feed(x))


class Distilling(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.convolution = nn.Conv1d(width, width, 3, padding=1, padding_mode="circular")
        self.norm = nn.BatchNorm1d(width)

    def forward(self, x):
        x = functional.elu(self.norm(self.convolution(x.transpose(1, 2))))
        return functional.max_pool1d(x, 3, 2, 1).transpose(1, 2)


class DecoderLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, dropout = c["width"], c["dropout"]
        self.own = Attention(width, c["heads"], c["factor"], causal=True, mix=True, dropout=dropout)
        self.cross = Attention(width, c["heads"], dropout=dropout)
        self.feed = FeedForward(width, c["feedForward"], dropout)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, memory):
        x = self.norms[0](x + self.dropout(self.own(x, x)))
        x = self.norms[1](x + self.dropout(self.cross(x, memory)))
        return self.norms[2](x + self.feed(x))


class Informer(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, length = c["width"], c["label"] + c["horizon"]
        embedding = lambda steps: Embedding(c["columns"], c["marks"], steps, width, c["dropout"])
        self.encoder_embedding, self.decoder_embedding = embedding(c["lookback"]), embedding(length)
        self.encoder = nn.ModuleList(EncoderLayer(c) for _ in range(c["encoderLayers"]))
        self.distilling = nn.ModuleList(Distilling(width) for _ in range(c["encoderLayers"] - 1))
        self.decoder = nn.ModuleList(DecoderLayer(c) for _ in range(c["decoderLayers"]))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.projection = nn.Linear(width, c["columns"])
        self.horizon = c["horizon"]

    def forward(self, history, history_marks, label, label_marks):
        memory = self.encoder_embedding(history, history_marks)
        for index, layer in enumerate(self.encoder):
            memory = layer(memory)
            if index < len(self.distilling):
                memory = self.distilling[index](memory)
        memory = self.encoder_norm(memory)
        x = self.decoder_embedding(label, label_marks)
        for layer in self.decoder:
            x = layer(x, memory)
        return self.projection(self.decoder_norm(x))[:, -self.horizon :]


def inputs(c, batch):
    label = torch.randn(batch, c["label"] + c["horizon"], c["columns"])
    label[:, c["label"] :] = 0
    marks = lambda rows: torch.rand(batch, rows, c["marks"]) - 0.5
    return torch.randn(batch, c["lookback"], c["columns"]), marks(c["lookback"]), label, marks(label.shape[1])


class Bench:
    """One model, which is trained and asked for forecasts."""

    def __init__(self, c):
        torch.manual_seed(1)
        self.c, self.model = c, Informer(c)
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=1e-4)
        self.batches = {}

    def batch(self, size):
        if size not in self.batches:
            self.batches[size] = inputs(self.c, size)
        return self.batches[size]

    def train(self, size):
        self.model.train()
        batch = self.batch(size)
        truth = torch.zeros(size, self.c["horizon"], self.c["columns"])
        self.optimiser.zero_grad()
        loss = functional.mse_loss(self.model(*batch), truth)
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def forecast(self, size):
        self.model.eval()
        with torch.inference_mode():
            return self.model(*self.batch(size))

    def measure(self, work, size, repetitions):
        """The least milliseconds, of the clock and of the processors."""
        wall = processor = math.inf
        for _ in range(repetitions):
            clock, busy = time.perf_counter(), time.process_time()
            self.train(size) if work == "train" else self.forecast(size)
            wall = min(wall, (time.perf_counter() - clock) * 1e3)
            processor = min(processor, (time.process_time() - busy) * 1e3)
        return {"wall": wall, "processor": processor}


def main():
    bench = None
    for line in sys.stdin:
        request = json.loads(line)
        if "configuration" in request:
            torch.set_num_threads(request["threads"])
            bench = Bench(request["configuration"])
            parameters = sum(each.numel() for each in bench.model.parameters())
            answer = {"torch": torch.__version__, "parameters": parameters}
        elif request["work"] == "memory":
            # Not getrusage: its figure begins with that of the process that started this one.
            kilobytes = re.search(r"VmHWM:\s*(\d+)", pathlib.Path("/proc/self/status").read_text())[1]
            answer = {"peak": int(kilobytes) * 1024}
        else:
            answer = bench.measure(request["work"], request["batch"], request["repetitions"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
