"""What is learnt of a few examples, by each method: what it moves, what it changes beside that, and what it foretells.

    python benchmarks/learnt_directions.py

The examples' scores are measured in their pictures, so that nobody's taste is in it: how blue the upper half of a
landscape is, how bright a portrait is. Of two sets, the codes with the highest and the lowest scores of 36 are taken,
as one picks them on a sheet. Printed of each method, on codes that weren't among the examples: by how many standard
deviations of the score a strength of 1 moves it (*moved*), that for a root mean square change of the whole picture of
0.1 (*for a change*), and how what is foretold of a code correlates with its score (*foretold*).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.generators import Generator
from soat.soat_backend.latents import Direction, Latent, edit, learn_direction, sample, select, to_styles
from soat.soat_backend.synthesis.coarse import coarse_layer
from soat.soat_backend.synthesis.loop import begin, resolve_torgb, synthesize
from soat.soat_backend.synthesis.noise import NoiseField

MODELS = Path(__file__).parents[1] / "models"
# Of a score: what it is measured on, `[B, 3, H, W]`.
Score = Callable[[torch.Tensor], torch.Tensor]
SCORES: dict[str, tuple[str, Score]] = {
    "blue sky": ("landscape_256", lambda p: (p[:, 2] - p[:, 0])[:, : p.shape[2] // 2].mean((1, 2))),
    "brightness": ("portrait_256", lambda p: p.mean((1, 2, 3))),
}
# How many codes of each set, or how many scores, and how often with other seeds.
EXAMPLES = (("sets", 4, 4), ("sets", 8, 4), ("scores", 36, 4), ("scores", 200, 1), ("scores", 600, 1))
SHEET, FIRST_SEED, FRESH_SEED, MOVED, FORETOLD = 36, 10_000, 5000, 24, 200
WAYS = (("mean_difference", 1.0), ("ridge", 0.1), ("ridge", 0.3), ("ridge", 1.0), ("ridge", 3.0))


@torch.no_grad()
def pictures(generator: Generator, latent: Latent) -> torch.Tensor:
    made = []
    for first in range(0, latent.batch, 8):
        some = select(latent, list(range(first, min(first + 8, latent.batch))))
        features = begin(generator, to_styles(generator, some), NoiseField("const"))
        made.append(resolve_torgb(synthesize(features, coarse_layer(generator, 256))).picture.clamp(-1.0, 1.0))
    return torch.cat(made)


def judged(generator: Generator, score: Score, direction: Direction, fresh: Latent, known: torch.Tensor) -> list[float]:
    """Moved, for a change, foretold."""
    few = select(fresh, list(range(MOVED)))
    up, down = (pictures(generator, edit(generator, few, direction, sign)) for sign in (1.0, -1.0))
    moved = float((score(up) - score(down)).mean() / 2.0 / known.std())
    change = float(((up - down) / 2.0).square().mean((1, 2, 3)).sqrt().mean())
    foretold = torch.corrcoef(torch.stack((fresh.codes[0][:, 0] @ direction.rows[0], known)))[0, 1]
    return [moved, 0.1 * moved / change, float(foretold)]


def main() -> None:
    torch.set_num_threads(1)
    print("| score | examples | method | moved | for a change | foretold |\n| --- | --- | --- | --- | --- | --- |")
    for name, (model, score) in SCORES.items():
        generator = load_generator(MODELS / f"{model}.safetensors").float()
        fresh = sample(generator, FRESH_SEED, FORETOLD)
        known = score(pictures(generator, fresh))
        for kind, count, times in EXAMPLES:
            found: dict[tuple[str, float], list[list[float]]] = {way: [] for way in WAYS}
            for time in range(times):
                batch = sample(generator, FIRST_SEED + 1000 * time, SHEET if kind == "sets" else count)
                scores = score(pictures(generator, batch))
                order = scores.argsort(descending=True).tolist()
                for method, regularisation in WAYS:
                    if kind == "sets":
                        sets = (select(batch, order[:count]), select(batch, order[-count:]), None)
                    else:
                        sets = (batch, None, scores.tolist())
                    learnt = learn_direction(generator, *sets, method, regularisation)
                    found[method, regularisation].append(judged(generator, score, learnt.direction, fresh, known))
            for (method, regularisation), rows in found.items():
                called = method if method == "mean_difference" else f"{method}, {regularisation:g}"
                of_all = torch.tensor(rows).mean(0).tolist()
                examples = f"{count} and {count} of {SHEET}" if kind == "sets" else f"{count} scores"
                print(
                    f"| {name} | {examples} | {called} | " + " | ".join(f"{x:.2f}" for x in of_all) + " |", flush=True
                )


if __name__ == "__main__":
    main()
