"""First guesses of pictures' codes: ridge regression from what pictures look like to w. Nothing is searched.

A guess is like its picture in colours and layout only, but a search that begins there needs about a fifth
fewer steps than one that begins with the best of 100 random codes (docs/inversion.md).

Source: Zhu et al. 2016, 1609.03552, a predicted code as the beginning of a search (there by a network); Hoerl and
Kennard 1970, ridge regression. What is looked at is this project's choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as F

from ..generators import Generator
from ..latents.latent import Latent, codes_of
from ..latents.sampling import MAX_SEED, random_w
from ..optimise import reconstruct
from ..support.errors import require_between
from ..synthesis.colours import as_made
from .inverting import check_shape
from .settings import FEWEST_GUESS_SAMPLES, GUESS_SAMPLES, MAX_GUESS_SAMPLES

# Sides of what is seen of a picture, its colours and strengths of edges, and of the lightness that has the edges.
_COLOURS, _EDGES, _LIGHTNESS = 16, 8, 32
_AT_ONCE = 8
# Times the number of samples, on the diagonal of what is seen standardised; from 0.2 to 0.7 it hardly matters.
_REGULARISATION = 0.4
_SMALLEST_DEVIATION = 1e-3

# Told (pictures made, of how many); may raise to stop.
Watch = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Regression:
    """From what is seen of a picture to w, both standardised.

    Attributes:
        seen: Mean and standard deviation of what is seen of random codes' pictures, `[D]` each.
        w: The same of their w, `[w_dim]` each.
        weights: `[D, w_dim]`.
    """

    seen: tuple[torch.Tensor, torch.Tensor]
    w: tuple[torch.Tensor, torch.Tensor]
    weights: torch.Tensor

    def guess(self, pictures: torch.Tensor) -> torch.Tensor:
        """The w `[B, w_dim]` of pictures `[B, 3, H, W]` in -1..1, on the CPU."""
        (mean_seen, deviation_seen), (mean, deviation) = self.seen, self.w
        return mean + (_look(pictures) - mean_seen) / deviation_seen @ self.weights * deviation


# What was learnt last of each generator that is still about, and of which samples and seed.
_learnt: WeakKeyDictionary[Generator, tuple[tuple[int, int], Regression]] = WeakKeyDictionary()


@torch.no_grad()
def guess_codes(
    generator: Generator,
    pictures: torch.Tensor,
    samples: int = GUESS_SAMPLES,
    seed: int = 0,
    watch: Watch | None = None,
) -> Latent:
    """Guess the codes of pictures.

    What was learnt of a generator last is kept as long as it is.

    Args:
        generator: On the device to work on.
        pictures: `[B, 3, H, W]` in -1..1 of the shape of the generator's.
        samples: Of how many random codes' pictures it is learnt.
        seed: Of these codes.
        watch: Told of each handful of them; may raise to stop.

    Returns:
        A code for each picture, in w_plus: one w for all layers.

    Raises:
        SoatError: The pictures aren't of the generator's shape, or the samples are too few or too many.
    """
    require_between("samples", samples, FEWEST_GUESS_SAMPLES, MAX_GUESS_SAMPLES)
    require_between("seed", seed, 0, MAX_SEED)
    check_shape(generator, pictures.shape[2], pictures.shape[3])
    asked = samples, seed
    if generator not in _learnt or _learnt[generator][0] != asked:
        _learnt[generator] = asked, learn(generator, samples, seed, watch)
    w = _learnt[generator][1].guess(as_made(pictures.float().cpu(), generator.config.img_channels))
    return codes_of(generator, "w_plus", (_for_all_layers(generator, w),))


@torch.no_grad()
def learn(generator: Generator, samples: int, seed: int, watch: Watch | None = None) -> Regression:
    """Learn from random codes' pictures what w a picture has; arguments as of `guess_codes`."""
    w, seen = random_w(generator, samples, seed), []
    for some in w.split(_AT_ONCE):
        made = reconstruct(generator, generator.styles(_for_all_layers(generator, some)))
        seen.append(_look(made.picture.float().cpu()))
        if watch:
            watch(sum(map(len, seen)), samples)
    # In double precision, which some devices lack.
    x, of_seen = _standardised(torch.cat(seen).double())
    y, of_w = _standardised(w.cpu().double())
    ridge = _REGULARISATION * samples * torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
    weights = torch.linalg.solve(x.t() @ x + ridge, x.t() @ y)
    return Regression(of_seen, of_w, weights.float())


def _for_all_layers(generator: Generator, w: torch.Tensor) -> torch.Tensor:
    return w[:, None].repeat(1, generator.layers.num_ws, 1)


def _standardised(values: torch.Tensor) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
    """Rows `[N, D]` less their mean and over their deviation, and these two, `[D]` each."""
    mean, deviation = values.mean(0), values.std(0).clamp_min(_SMALLEST_DEVIATION)
    return (values - mean) / deviation, (mean.float(), deviation.float())


def _look(pictures: torch.Tensor) -> torch.Tensor:
    """What is seen of pictures `[B, 1 or more, H, W]`, of alpha nothing: colours and strengths of edges, `[B, D]`."""
    rgb = pictures[:, :3].expand(-1, 3, -1, -1)
    colours = F.adaptive_avg_pool2d(rgb, _COLOURS)
    lightness = F.adaptive_avg_pool2d(rgb.mean(1, keepdim=True), _LIGHTNESS)
    across = lightness[..., 1:, :-1] - lightness[..., :-1, :-1]
    along = lightness[..., :-1, 1:] - lightness[..., :-1, :-1]
    edges = F.adaptive_avg_pool2d((across.square() + along.square()).sqrt(), _EDGES)
    return torch.cat((colours.flatten(1), edges.flatten(1)), dim=1)
