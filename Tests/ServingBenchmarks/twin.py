# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
"""A version of Almanac's store in PyTorch: the same weights, scaling, times and sampled keys, so the same forecasts.

What peers serve. It takes and gives plain lists, as a server does that reads and writes JSON.
"""

import datetime
import json
import os
import pathlib
import re
import struct
import sys

import torch

sys.path.append(str(pathlib.Path(__file__).parent.parent / "TensorTests/Reference"))
from informer import Informer  # noqa: E402

# The key of the stream that Almanac draws sampled keys from when it forecasts.
SAMPLE_SEED = 0x1F0_8ECA57
# Our names of modules where the authors' differ, in the order in which they are replaced.
NAMES = [
    (r"^(enc|dec)_embedding\.value_embedding\.tokenConv", r"\1oder_embedding.values"),
    (r"^(enc|dec)_embedding\.temporal_embedding\.embed", r"\1oder_embedding.times"),
    (r"^encoder\.attn_layers", "encoder"),
    (r"^encoder\.conv_layers\.(\d+)\.downConv", r"distilling.\1.convolution"),
    (r"^encoder\.conv_layers\.(\d+)\.norm", r"distilling.\1.norm"),
    (r"^decoder\.layers", "decoder"),
    (r"^(encoder|decoder)\.norm", r"\1_norm"),
    (r"self_attention", "own"),
    (r"cross_attention", "cross"),
    (r"(query|key|value|out)_projection", r"\1"),
    (r"conv1", "feed.inner"),
    (r"conv2", "feed.outer"),
    (r"^(decoder\.\d+)\.norm(\d)", lambda found: f"{found[1]}.norms.{int(found[2]) - 1}"),
]


class Twin:
    """The forecasts of a version's folder."""

    def __init__(self, folder):
        manifest = json.loads((folder / "manifest.json").read_text())
        network = manifest["model"]["configuration"]["informer"]["network"]
        scaler = manifest["preprocessing"]["scaler"]
        if manifest["series"]["frequency"] != "1h":
            raise SystemExit("the twin knows the calendar of hourly series alone")
        self.center, self.scale = torch.tensor(scaler["means"]).double(), torch.tensor(scaler["deviations"]).double()
        self.lookback, self.label, self.horizon = network["lookback"], network["labelLength"], network["horizon"]
        self.model = Informer(
            {name: network[name] for name in ("lookback", "horizon", "marks", "heads", "factor", "dropout")}
            | {name: network[name] for name in ("feedForward", "encoderLayers", "decoderLayers")}
            | {"columns": network["inputs"], "label": self.label, "width": network["dModel"]}
        ).eval()
        stored = read_safetensors(folder / "weights.safetensors")
        missing, unexpected = self.model.load_state_dict(renamed(stored), strict=False)
        left = [name for name in missing if not name.endswith(("places", "num_batches_tracked"))]
        if left or unexpected:
            raise SystemExit(f"weights do not fit: missing {left}, unexpected {unexpected}")
        self.fix_samples()

    def fix_samples(self):
        """Draws the keys of each ProbSparse attention once, from the stream that Almanac draws them from."""
        attentions = [layer.attention for layer in self.model.encoder] + [layer.own for layer in self.model.decoder]
        for stream, attention in enumerate(attentions):
            cache = {}

            def draw(queries, keys, sampled, stream=stream, cache=cache):
                if queries not in cache:
                    cache[queries] = torch.tensor(integers(stream, queries * sampled, keys)).view(queries, sampled)
                return cache[queries]

            attention.draw = draw

    @torch.inference_mode()
    def forecast(self, histories, ends):
        """[batch][rows][columns] and RFC 3339 times of their last rows, to [batch][steps][columns]."""
        history = ((torch.tensor(histories, dtype=torch.float64) - self.center) / self.scale).float()
        batch, _, columns = history.shape
        label = torch.zeros(batch, self.label + self.horizon, columns)
        label[:, : self.label] = history[:, -self.label :]
        marks = torch.tensor([self.marks(end) for end in ends])
        past, known = marks[:, : self.lookback], marks[:, self.lookback - self.label :]
        forecast = self.model(history, past, label, known)
        return (forecast.double() * self.scale + self.center).tolist()

    def marks(self, end):
        """Hour, weekday, day of the month and of the year of each row of a window, from -0.5 to 0.5."""
        last = datetime.datetime.fromisoformat(end)
        rows = []
        for step in range(1 - self.lookback, self.horizon + 1):
            time = last + datetime.timedelta(hours=step)
            day = time.timetuple().tm_yday - 1
            parts = (time.hour, 23), (time.weekday(), 6), (time.day - 1, 30), (day, 365)
            rows.append([value / largest - 0.5 for value, largest in parts])
        return rows


def from_environment():
    """The twin of the version whose folder ALMANAC_BENCH_VERSION names."""
    return Twin(pathlib.Path(os.environ["ALMANAC_BENCH_VERSION"]))


def renamed(tensors):
    result = {}
    for name, tensor in tensors.items():
        is_linear = re.search(r"\.conv[12]\.weight$", name)
        for pattern, replacement in NAMES:
            name = re.sub(pattern, replacement, name)
        result[name] = tensor.squeeze(2) if is_linear else tensor
    return result


def read_safetensors(path):
    content = bytearray(path.read_bytes())
    (length,) = struct.unpack_from("<Q", content)
    tensors = {}
    for name, entry in json.loads(content[8 : 8 + length]).items():
        if name == "__metadata__":
            continue
        first, last = (8 + length + offset for offset in entry["data_offsets"])
        numbers = torch.frombuffer(content[first:last], dtype={"F32": torch.float32}[entry["dtype"]])
        tensors[name] = numbers.view(entry["shape"]).clone()
    return tensors


def integers(stream, count, bound):
    """Numbers below `bound` of a stream of Philox4x32-10 (J. Salmon et al. 2011), in the order of CKernels/philox.h."""
    result, low = [], 0xFFFFFFFF
    for block in range(0, -(-count // 64) * 16, 16):
        words = [[], [], [], []]
        for counter in range(block, block + 16):
            c, key = [counter, 0, stream, 0], [SAMPLE_SEED & low, SAMPLE_SEED >> 32]
            for _ in range(10):
                even, odd = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
                c = [odd >> 32 ^ c[1] ^ key[0], odd & low, even >> 32 ^ c[3] ^ key[1], even & low]
                key = [key[0] + 0x9E3779B9 & low, key[1] + 0xBB67AE85 & low]
            for place in range(4):
                words[place].append(c[place])
        result += [word * bound >> 32 for row in words for word in row]
    return result[:count]
