"""How many years may lie between the faces of a pair: one number, one blurred by birthdays, or shares of several.

    w_g = P(K = K_0 + g), g = 0..G-1

Every loss that knows K asks here for it in this one form. Taken years that are intervals give such shares
(`shares_between`), and so does a difference of two calendar years: where birthdays and photos fall evenly over the
year, ages in completed years differ by K-1, K or K+1 with 1/6, 2/3, 1/6; reference equations 1.1.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from train.losses.numerics import as_column, masked_logit

YEAR_KERNEL = ((-1, 1 / 6), (0, 2 / 3), (1, 1 / 6))
"""Shift in years and its probability, where only the two calendar years are known."""


@dataclass(frozen=True)
class Gaps:
    """K of each pair as shares of consecutive whole years."""

    first: Tensor
    """The K of the first share, int64 (B, 1); negative where the order of the photos is not sure."""
    shares: Tensor
    """(B, G); rows sum to 1, or are 0 where nothing is known of K."""

    @property
    def years(self) -> Tensor:
        """Return the K of each share, int64 (B, G)."""
        return self.first + torch.arange(self.shares.shape[1], device=self.shares.device)

    @property
    def log_shares(self) -> Tensor:
        """Return log w, (B, G), a huge negative number for a share of 0."""
        return self.shares.log().masked_fill(self.shares <= 0, masked_logit(self.shares))

    @property
    def is_known(self) -> Tensor:
        """Return whether any K has a share, bool (B, 1)."""
        return (self.shares > 0).any(dim=1, keepdim=True)

    @property
    def least(self) -> Tensor:
        """Return the least K that has a share, int64 (B, 1); the first one where no K has."""
        return self.first + (self.shares > 0).int().argmax(dim=1, keepdim=True)

    @property
    def greatest(self) -> Tensor:
        """Return the greatest K that has a share, int64 (B, 1); the last one where no K has."""
        width = self.shares.shape[1]
        return self.first + width - 1 - (self.shares > 0).flip(1).int().argmax(dim=1, keepdim=True)


def gaps_of(
    gap_years: Tensor,
    *,
    logits: Tensor,
    year_jitter: bool = False,
    gap_shares: Tensor | None = None,
    first_gap: Tensor | None = None,
) -> Gaps:
    """Return K of each pair: the whole number `gap_years` (B,), or else the shares given.

    `gap_shares` (B, G) with `first_gap` (B,) take the place of `gap_years`; they are scaled to sum to 1. `year_jitter`
    blurs either by YEAR_KERNEL. A number above A = C-1 counts as A. Raises ValueError on shapes that do not fit.
    """
    if gap_shares is None:
        if first_gap is not None:
            raise ValueError("first_gap says where gap_shares begin; give both or neither")
        first = as_column(gap_years, logits=logits)
        shares = logits.new_ones(1, 1).expand(len(first), 1)
    else:
        first, shares = _given(gap_shares, first_gap, logits=logits)
    return _blurred(first, shares) if year_jitter else Gaps(first, shares)


def shares_between(
    gap_years: Tensor, gap_min: Tensor, gap_max: Tensor, *, confidence: Tensor | float, width: int
) -> tuple[Tensor, Tensor]:
    """Return (gap_shares (B, width), first_gap (B,)) of pairs whose K is `gap_years` with probability `confidence`.

    What is left is spread evenly over the other years of gap_min..gap_max, integers (B,) with
    gap_min <= gap_years <= gap_max; a pair with no other year has all on `gap_years`. Only the `width` years from
    `gap_min` on are kept, or, where those would miss `gap_years`, the `width` years that end with it.
    """
    first = torch.maximum(gap_min, gap_years - (width - 1))
    years = first[:, None] + torch.arange(width, device=gap_years.device)
    sure = torch.as_tensor(confidence, dtype=torch.float32, device=gap_years.device).expand(gap_years.shape)[:, None]
    others = (gap_max - gap_min)[:, None]
    is_said = years == gap_years[:, None]
    shares = torch.where(is_said, torch.where(others > 0, sure, 1.0), (1 - sure) / others.clamp(min=1))
    return shares.masked_fill(years > gap_max[:, None], 0.0), first


def _given(shares: Tensor, first_gap: Tensor | None, *, logits: Tensor) -> tuple[Tensor, Tensor]:
    if logits.ndim != 2 or shares.ndim != 2 or shares.shape[0] != logits.shape[0] or shares.shape[1] < 1:
        raise ValueError(f"gap_shares must be (B, G) for logits (B, C); got {tuple(shares.shape)}")
    if first_gap is None or first_gap.shape != logits.shape[:1] or first_gap.is_floating_point():
        raise ValueError("first_gap must be whole years (B,) beside gap_shares (B, G)")
    if shares.device.type == "cpu" and bool((shares < 0).any()):
        raise ValueError("gap_shares must not be negative")
    oldest = logits.shape[1] - 1
    first = first_gap.to(device=logits.device, dtype=torch.int64).clamp(-oldest, oldest)[:, None]
    shares = shares.detach().to(device=logits.device, dtype=logits.dtype)
    total = shares.sum(dim=1, keepdim=True)
    return first, shares / total.clamp(min=torch.finfo(logits.dtype).tiny)


def _blurred(first: Tensor, shares: Tensor) -> Gaps:
    """Return the shares convolved with YEAR_KERNEL, two years wider."""
    width = shares.shape[1]
    blurred = shares.new_zeros(len(first), width + len(YEAR_KERNEL) - 1)
    for place, (_, weight) in enumerate(YEAR_KERNEL):
        blurred = blurred + torch.nn.functional.pad(shares * weight, (place, len(YEAR_KERNEL) - 1 - place))
    return Gaps(first + YEAR_KERNEL[0][0], blurred)
