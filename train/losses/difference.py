"""The difference of the two expected ages should be K: what the pair losses are held against.

    yhat = sum_k k Q_k,   L = |yhat_m - yhat_n - K|

    dL/df_np = -s Q_np (p - yhat_n)      dL/df_mp = s Q_mp (p - yhat_m)      s = sign(yhat_m - yhat_n - K)

n is the younger face, m the older. An ablation of ours beside the age-difference paper: it keeps the one number and
drops the distributions, so it neither sharpens nor bounds them.
"""

from torch import Tensor

from train.losses.expectation import expected_age
from train.losses.numerics import as_column, check_pair


def difference_l1(logits_younger: Tensor, logits_older: Tensor, gap_years: Tensor) -> Tensor:
    """Return the error of the difference in years: (B,) from logits (B, C) twice and whole years `gap_years` (B,).

    The gradient at 0 is 0. A gap above A = C-1 counts as A. Raises ValueError on shapes that do not fit.
    """
    check_pair(logits_younger, logits_older)
    gap = as_column(gap_years, logits=logits_younger)[:, 0]
    return (expected_age(logits_older) - expected_age(logits_younger) - gap).abs()
