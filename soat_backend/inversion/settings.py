"""What can be chosen about an inversion."""

from __future__ import annotations

from dataclasses import dataclass

from ..latents.sampling import MAX_SEED
from ..latents.spaces import SPACES
from ..latents.statistics import COVARIANCES
from ..support.errors import require_between, require_choice

MAX_STEPS = 100_000
MAX_LEARNING_RATE = 10.0
MAX_WEIGHT = 1e6
MAX_CANDIDATES = 10_000
MAX_AT_ONCE = 256
CANDIDATES_AT_ONCE = 8
# Of how many random codes' pictures a first guess is learnt.
GUESS_SAMPLES, FEWEST_GUESS_SAMPLES, MAX_GUESS_SAMPLES = 1500, 50, 100_000


@dataclass(frozen=True)
class InversionSettings:
    """Source of the loss: SOAT, eq. 5; of the learning rate's course: StyleGAN2, appendix D.

    Attributes:
        space: Where the code is sought, one of SPACES.
        steps: At most so many; fewer if the loss stops falling.
        learning_rate: Of Adam, in standard deviations of random codes.
        perceptual_weight: Of LPIPS.
        mse_weight: Of the mean squared error of pictures in -1..1.
        prior_weight: Of `(s - mu)^T Sigma^-1 (s - mu)`, divided so that it is 1 for random codes.
        covariance: Sigma: `diagonal`, or `full` with shrinkage.
        seed: Of the random codes that are tried as the beginning.
        candidates: How many of them; 0 begins at the mean.
        patience: Steps without a better loss after which the learning rate is brought down and the search ended;
            0: never.
        noise_maps: Whether the noise is fitted too, which gives a generator of its own.
        noise_weight: Of the noise's correlation with itself, which keeps the picture out of it.
        tune_steps: Of a last phase in which the generator's weights are fitted around the code found (Source: Roich et
            al. 2021, Pivotal Tuning), which gives a generator of its own, sharing style space.
        tune_learning_rate: Of that phase.
        at_once: Pictures of a batch that are searched at once: faster, more memory. Alone each would be found the same
            but for rounding, which hundreds of steps magnify; with 1 it is the same bit for bit.
        base_layer: Name of the layer whose feature map is searched too, half of the steps, after the code; None: only
            codes are searched.
        base_weight: Of that map's mean squared distance from what the found code makes there, in standard deviations
            of random codes' maps.
    """

    space: str = "style_space"
    steps: int = 500
    learning_rate: float = 0.2
    perceptual_weight: float = 1.0
    mse_weight: float = 10.0
    prior_weight: float = 0.02
    covariance: str = "diagonal"
    seed: int = 0
    candidates: int = 100
    patience: int = 150
    noise_maps: bool = False
    noise_weight: float = 0.001
    tune_steps: int = 0
    tune_learning_rate: float = 1e-3
    at_once: int = 1
    base_layer: str | None = None
    base_weight: float = 0.02

    def __post_init__(self) -> None:
        require_choice("space", self.space, SPACES)
        require_choice("covariance", self.covariance, COVARIANCES)
        for name, low, high in (
            ("steps", 0, MAX_STEPS),
            ("learning_rate", 0, MAX_LEARNING_RATE),
            ("perceptual_weight", 0, MAX_WEIGHT),
            ("mse_weight", 0, MAX_WEIGHT),
            ("prior_weight", 0, MAX_WEIGHT),
            ("seed", 0, MAX_SEED),
            ("candidates", 0, MAX_CANDIDATES),
            ("patience", 0, MAX_STEPS),
            ("noise_weight", 0, MAX_WEIGHT),
            ("tune_steps", 0, MAX_STEPS),
            ("tune_learning_rate", 0, MAX_LEARNING_RATE),
            ("at_once", 1, MAX_AT_ONCE),
            ("base_weight", 0, MAX_WEIGHT),
        ):
            require_between(name, getattr(self, name), low, high)
