"""Every knob of the trainer, with its default and the reason for it.

Four small tables, the same names in a preset, in agegap.toml ([train.net], [train.augment], [train.pretrain],
[train.finetune]) and behind `--set`. The numbers of a preset take the place of the defaults here.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from train.backbones import SHAPE
from train.bins import BinsName

Share = Annotated[float, Field(ge=0, le=1)]
Strength = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
PositiveFloat = Annotated[float, Field(gt=0)]

BatchNormMode = Literal["live", "frozen", "pairs-only", "per-domain"]
Layers = Literal["all", "last-half", "head"]
Balance = Literal["none", "sqrt-inverse", "inverse"]
TranslatedMode = Literal["overlap", "renormalised"]
Precision = Literal["auto", "float32", "bfloat16"]
CompileMode = Literal["off", "default", "max-autotune-no-cudagraphs"]
LabelLoss = Literal["distribution", "cross-entropy"]
LabelKind = Literal["density", "cdf"]
KlReduction = Literal["batchmean", "element"]
BatchReduction = Literal["mean", "sum"]
TopKScope = Literal["batch", "pair"]
TeacherName = Literal["auto", "start", "average"]
OptimiserName = Literal["adamw", "adam", "sgd"]
ScheduleName = Literal["cosine", "step", "constant"]


@dataclass(frozen=True, kw_only=True)
class NetSettings:
    """The net: what a checkpoint must agree with."""

    backbone: str = "small_resnet"
    # Crops are averaged down to this side, or enlarged. 64 costs a quarter of 128 and lost little MAE in small runs.
    input_size: Annotated[int, Field(ge=32, le=256, multiple_of=32)] = 64
    # One class a year, 0 to 100: the oldest labelled faces of the public sets.
    classes: Annotated[int, Field(ge=2, le=151)] = 101
    # "agenet", "adience": the classes are these age groups instead, as many as there are.
    bins: BinsName = ""
    # A file of published weights to begin with; "" = fresh ones.
    weights: str = ""
    # How that file names its weights, by train/backbones/layouts.py; "vggface-rgb" has to be said.
    weights_layout: str = "auto"
    # Share of the features dropped before the head; None = the backbone's own.
    dropout: Share | None = None
    # Shape of `age_net`, 0 = the report's: channels of the first convolution (twice as many in each further one), how
    # many convolutions, the side of their kernels, units of the first dense layer (half as many in the second).
    filters: Annotated[int, Field(ge=0, le=256)] = 0
    layers: Annotated[int, Field(ge=0, le=8)] = 0
    kernel: Annotated[int, Field(ge=0, le=11)] = 0
    dense: Annotated[int, Field(ge=0, le=4096, multiple_of=2)] = 0
    # "auto": bfloat16 where the processor multiplies it natively (5 times faster there), else float32.
    precision: Precision = "auto"
    # torch.compile while training: minutes before the first step, then fewer passes over memory. For long GPU runs.
    compile: CompileMode = "off"

    @property
    def shape(self) -> dict[str, int]:
        """Return what is not the backbone's own of its shape."""
        return {name: value for name in SHAPE if (value := getattr(self, name))}


@dataclass(frozen=True, kw_only=True)
class AugmentSettings:
    """How a training crop is varied; each strength is the end of a uniform range, each probability is for one image."""

    flip_probability: Share = 0.5
    # Shares of the side: detectors place the eyes within about 3 % of it.
    shift: Strength = 0.05
    scale: Share = 0.10
    rotate_degrees: Strength = 8.0
    # Gain of all colours, and slope about the mean level.
    brightness: Strength = 0.25
    contrast: Strength = 0.25
    # Logarithm of the exponent: prints are darker or paler than the scene was.
    gamma: Strength = 0.2
    saturation: Share = 0.3
    # Gain of each colour by itself: faded prints and wrong white balance.
    colour: Strength = 0.10
    # Old photos are grey: without this a net reads "grey" as "unknown country".
    grey_probability: Share = 0.3
    # Scans and small faces are soft: blur, low resolution and grain.
    blur_probability: Share = 0.15
    low_resolution_probability: Share = 0.15
    noise_probability: Share = 0.15
    # A rectangle of 2 to 10 % of the crop: a hand, a hat, a scratch.
    erase_probability: Share = 0.1


@dataclass(frozen=True, kw_only=True)
class PretrainSettings:
    """Label-distribution learning on faces whose age is known."""

    epochs: PositiveFloat = 12.0
    batch_size: Positive = 128
    # AdamW from scratch; the peak of a warm-up and of the schedule that follows.
    learning_rate: PositiveFloat = 2e-3
    weight_decay: Strength = 0.05
    # Share of the steps in which the rate climbs: Adam's second moments are noise before.
    warmup: Share = 0.05
    # Width of the label distribution in years; 2 is the habit of the DLDL ports for real ages.
    sigma: PositiveFloat = 2.0
    # Narrower labels for children, min(sigma, 0.5 + 0.1 y): a wide Gaussian cut at 0 says 1.3 years to a newborn.
    young_sigma: bool = True
    # Weight of |expected age - age| beside the divergence (DLDL-v2 uses 1).
    expectation_weight: Strength = 1.0
    # "distribution": KL to a Gaussian about the age; "cross-entropy": to its class alone.
    loss: LabelLoss = "distribution"
    # "density" of the Gaussian at each whole age, or the mass of its year ("cdf"), which a narrow one needs.
    label_kind: LabelKind = "density"
    # Width of the label from the spread of the raters' votes where a set has it (ChaLearn); `sigma` elsewhere.
    std_labels: bool = False
    # "element" divides the KL by the classes too, as the released code of DLDL-v2 does.
    kl_reduction: KlReduction = "batchmean"
    # The deep embedding paper writes sums over the batch, everyone else means.
    batch_reduction: BatchReduction = "mean"
    label_weight: Strength = 1.0
    # Years by which each label is moved at random each time it is drawn (yu4u's port); 0 = never.
    label_noise: Strength = 0.0
    # Ranking of features: same age nearer than another age, by `triplet_margin`; the `triplet_top_k` worst count.
    triplet_weight: Strength = 0.0
    triplet_margin: PositiveFloat = 0.5
    triplet_top_k: Positive = 64
    # The worst of the whole batch, or of each anchor and positive.
    triplet_scope: TopKScope = "batch"
    # Beta(mixup, mixup) blends two faces and their labels; 0 = none, 0.2 is usual.
    mixup: Strength = 0.0
    optimiser: OptimiserName = "adamw"
    # Of SGD.
    momentum: Share = 0.9
    # After the warm-up: half a cosine to zero, times `step_factor` every `step_epochs`, or as it is.
    schedule: ScheduleName = "cosine"
    step_epochs: PositiveFloat = 30.0
    step_factor: Annotated[float, Field(gt=0, le=1)] = 0.1
    # Averaged weights are the ones that answer; 0.999 = the last thousand steps, 0 = the weights as they are.
    ema_decay: Share = 0.999
    # "sqrt-inverse": rare ages are drawn more often, by the root of how rare they are.
    balance: Balance = "sqrt-inverse"
    gradient_clip: PositiveFloat = 5.0
    # Stop when so many epochs brought no better validation MAE; 0 = never.
    patience: Count = 0
    # 0 = no limit; else the epochs are cut, by a short timing at the start, to fit.
    max_minutes: Strength = 0.0
    seed: Count = 0
    log_every: Positive = 50
    checkpoint_every: Positive = 200


@dataclass(frozen=True, kw_only=True)
class FinetuneSettings:
    """Learning from pairs with K years between, beside replayed labelled faces."""

    steps: Positive = 500
    # Pairs a step under the three pair losses; 0 leaves the pairs to the timelines.
    pairs_per_batch: Count = 48
    # Faces a step that learn the label their whole timeline gives them (train/timelines.py); 0 = none.
    timeline_per_batch: Count = 0
    timeline_weight: Strength = 1.0
    # Weight of |expected age - that of the label| beside the divergence.
    timeline_expectation_weight: Strength = 1.0
    # Which faces are drawn more often, by the ages their labels say: the old are few in family albums.
    timeline_balance: Balance = "sqrt-inverse"
    # Steps from one look at the timelines to the next.
    timeline_refresh: Positive = 50
    # Whose answers the labels are made of: of the net that the stage began with, or of the averaged net as it learns,
    # which says ever more what it was taught. "auto": of the start if it tells years well (train/stages/teaching.py).
    timeline_teacher: TeacherName = "auto"
    # Width in years of a label: taken years leave one year open, faces some more.
    timeline_sigma: PositiveFloat = 1.5
    # How likely a photo is somebody else's, or its year wrong, so that one photo cannot rule its timeline.
    timeline_doubt: Annotated[float, Field(gt=0, le=1)] = 0.01
    # Draw a face in proportion to how likely it is the person's, to this power: for photos nobody checked, 1 and a
    # doubt of 0.1.
    timeline_weigh: Strength = 0.0
    # Take out of the labels the error that the years show to be in all these photos (train/shared_error.py); "auto"
    # does so only where the start teaches.
    timeline_shared_error: bool = True
    # Labelled faces a step: pair losses alone never say how old anyone is.
    replay_per_batch: Count = 64
    replay_weight: Strength = 1.0
    # A quarter of the pre-training rate: the net is to move, not to forget.
    learning_rate: PositiveFloat = 5e-4
    weight_decay: Strength = 0.05
    warmup: Share = 0.05
    # Weights of the three pair losses; 1, 1, 1 was best with replay in simulation and on FG-NET.
    w_entropy: Strength = 1.0
    w_bounds: Strength = 1.0
    w_translated: Strength = 1.0
    # Weight of |difference of the expected ages - K|: plain regression of K, to compare with.
    w_difference: Strength = 0.0
    translated_mode: TranslatedMode = "overlap"
    # Taken years give K or K +- 1 between completed ages: blur by (1/6, 2/3, 1/6) and bound by K - 1.
    year_jitter: bool = True
    # K as a distribution between the bounds that the years' intervals give (gap_min, gap_max), not as one number.
    gap_spread: bool = False
    k_max: Positive = 60
    # Share of the steps in which the greatest K climbs from k_start to k_max; 0 = every K from the start.
    curriculum: Share = 0.0
    k_start: Positive = 15
    # Share of the pairs of a step that teach: those of the greatest loss may be of two people. 1 = all.
    trim: Annotated[float, Field(gt=0, le=1)] = 1.0
    # Whose images set the normalisation statistics; see train/stages/normalisation.py.
    batch_norm: BatchNormMode = "live"
    layers: Layers = "all"
    # Labels of replay as in pre-training.
    sigma: PositiveFloat = 2.0
    young_sigma: bool = True
    expectation_weight: Strength = 1.0
    ema_decay: Share = 0.99
    balance: Balance = "sqrt-inverse"
    gradient_clip: PositiveFloat = 5.0
    # False = replay only, as many steps: the control that shows what the pairs themselves bring.
    use_pairs: bool = True
    max_minutes: Strength = 0.0
    seed: Count = 0
    log_every: Positive = 25
    checkpoint_every: Positive = 100
