"""StyleGAN3 the slow way, in float64 on whole maps, by its formulas alone (Source: Karras et al. 2021, NVIDIA's code).

Nothing of the package runs here: only a state dict and the settings that its generator was made of.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F


class PlainAliasFree:
    """A generator as its formulas say; `settings` as of `design.Settings`."""

    def __init__(self, generator, settings) -> None:
        self.state = {name: tensor.double() for name, tensor in generator.state_dict().items()}
        self.settings, self.scale = settings, generator.config.output_scale
        self.names = sorted(
            {name.split(".")[1] for name in self.state if name.startswith("synthesis.L")},
            key=lambda name: int(name[1:].split("_")[0]),
        )

    def mapped(self, z: torch.Tensor, label: int | None = None) -> torch.Tensor:
        """From z `[B, z_dim]` to w."""
        x = _normalised(z.double())
        if label is not None:
            embedded = self.state["mapping.embed.weight"][:, label] / math.sqrt(
                self.state["mapping.embed.weight"].shape[1]
            )
            embedded = _normalised((embedded + self.state["mapping.embed.bias"])[None])
            x = torch.cat((x, embedded.expand(len(x), -1)), 1)
        index = 0
        while f"mapping.fc{index}.weight" in self.state:
            weight = self.state[f"mapping.fc{index}.weight"]
            x = x @ weight.t() * (0.01 / math.sqrt(weight.shape[1])) + self.state[f"mapping.fc{index}.bias"] * 0.01
            x = F.leaky_relu(x, 0.2) * math.sqrt(2)
            index += 1
        return x

    def style(self, name: str, w: torch.Tensor) -> torch.Tensor:
        """A layer's affine."""
        weight = self.state[f"synthesis.{name}.affine.weight"]
        return w @ weight.t() / math.sqrt(weight.shape[1]) + self.state[f"synthesis.{name}.affine.bias"]

    def fourier(self, w: torch.Tensor, transform=None, more=(0.0, 0.0)) -> torch.Tensor:
        """The input, `more` pictures wider at the left and the right."""
        s, (rate, size) = self.settings, (self.settings.rate(0), self.settings.size(0))
        t = self.style("input", w)
        t = t / t[:, :2].norm(dim=1, keepdim=True)
        left, right = (round(each * rate) for each in more)
        features = []
        for c, si, x, y in t.tolist():
            turn = torch.tensor([[c, -si, 0], [si, c, 0], [0, 0, 1]], dtype=torch.float64)
            move = torch.tensor([[1, 0, -x], [0, 1, -y], [0, 0, 1]], dtype=torch.float64)
            own = self.state["synthesis.input.transform"] if transform is None else transform
            matrix = turn @ move @ own
            freqs = self.state["synthesis.input.freqs"] @ matrix[:2, :2]
            phases = self.state["synthesis.input.phases"] + self.state["synthesis.input.freqs"] @ matrix[:2, 2]
            loud = (1 - (freqs.norm(dim=1) - s.cutoff(0)) / (rate / 2 - s.cutoff(0))).clamp(0, 1)
            columns = (torch.arange(-left, size + right, dtype=torch.float64) + 0.5 - size / 2) / rate
            rows = (torch.arange(size, dtype=torch.float64) + 0.5 - size / 2) / rate
            waves = freqs[:, 0, None, None] * columns + freqs[:, 1, None, None] * rows[:, None] + phases[:, None, None]
            features.append(loud[:, None, None] * torch.sin(2 * math.pi * waves))
        weight = self.state["synthesis.input.weight"]
        return torch.einsum("oi,bihw->bohw", weight / math.sqrt(len(weight)), torch.stack(features))

    def layer(self, index: int, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """One layer of a whole map."""
        s, name = self.settings, self.names[index]
        before, torgb = max(index - 1, 0), index == s.num_layers
        inner = max(s.rate(before), s.rate(index)) * (1 if torgb else s.lrelu_upsampling)
        up, down = inner // s.rate(before), inner // s.rate(index)
        taps_up = s.filter_size * up if up > 1 and not torgb else 1
        taps_down = s.filter_size * down if down > 1 and not torgb else 1
        weight, style = self.state[f"synthesis.{name}.weight"], self.style(name, w)
        k = weight.shape[2]
        total = (s.size(index) - 1) * down + 1 - (s.size(before) + k - 1) * up + taps_up + taps_down - 2
        pad = ((total + up) // 2, total - (total + up) // 2)
        out = []
        for item, own in zip(x, style, strict=True):
            if torgb:
                kernel = weight * own[None, :, None, None] / math.sqrt(weight.shape[1] * k * k)
            else:
                kernel = weight / weight.square().mean((1, 2, 3), keepdim=True).sqrt()
                kernel = kernel * (own / own.square().mean().sqrt())[None, :, None, None]
                kernel = kernel / (kernel.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
            kernel = kernel / self.state[f"synthesis.{name}.magnitude_ema"].sqrt()
            y = F.conv2d(item[None], kernel, padding=k - 1) + self.state[f"synthesis.{name}.bias"][:, None, None]
            dense = torch.zeros(1, y.shape[1], y.shape[2] * up, y.shape[3] * up, dtype=torch.float64)
            dense[:, :, ::up, ::up] = y
            y = F.pad(dense, (*pad, *pad))
            y = self._filtered(y, self.state.get(f"synthesis.{name}.up_filter"), up)
            y = y if torgb else F.leaky_relu(y, 0.2) * math.sqrt(2)
            y = y if s.conv_clamp is None else y.clamp(-s.conv_clamp, s.conv_clamp)
            y = self._filtered(y, self.state.get(f"synthesis.{name}.down_filter"), 1)
            out.append(y[:, :, ::down, ::down])
        return torch.cat(out)

    @staticmethod
    def _filtered(y: torch.Tensor, taps: torch.Tensor | None, gain: int) -> torch.Tensor:
        if taps is None:
            return y
        kernel = torch.outer(taps * gain, taps * gain) if taps.dim() == 1 else taps
        return F.conv2d(y, kernel.expand(y.shape[1], 1, -1, -1), groups=y.shape[1])

    def maps(self, w: torch.Tensor, **more) -> list[torch.Tensor]:
        """All maps: of the input, of every layer, and the picture last."""
        maps = [self.fourier(w, **more)]
        for index in range(self.settings.num_layers + 1):
            maps.append(self.layer(index, maps[-1], w))
        return [*maps, maps[-1] * self.scale]


def _normalised(x: torch.Tensor) -> torch.Tensor:
    return x / (x.square().mean(1, keepdim=True) + 1e-8).sqrt()
