"""Training on several processes that `torchrun` started: the result is that of one process, only sooner.

Every process draws the same batch, prepares and passes its share of the rows, and hands its logits to all: each then
has the whole batch's loss, so means, the worst triplets and trimmed pairs need no formula of their own. Backward, a
process follows its own rows, and the gradients of all are added up. Batch normalisation takes its statistics over all.
What differs from one process is the order of sums, and the masks of dropout, which each process draws for itself.
"""

import atexit
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

from agegap.errors import AgegapError, WrongUse
from train.batches import Places
from train.shared_norm import SharedBatchNorm2d

T = TypeVar("T")

WAIT = timedelta(hours=2)
"""How long a process waits for another: the first one measures whole test sets while the others stand by."""


@dataclass(frozen=True)
class Ranks:
    """The processes that train together, and which of them this is; one alone by default."""

    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """Say whether this is the process that writes and speaks."""
        return self.rank == 0

    def places(self, *groups: int) -> Places:
        """Return this process's rows of a batch made of `groups` one after the other: its share of each.

        Raises WrongUse where a group has fewer rows than there are processes.
        """
        rows, start = [], 0
        for count in groups:
            if 0 < count < self.size:
                raise WrongUse(
                    f"{count} faces of a step cannot be shared by {self.size} processes; "
                    "start fewer of them, or take a larger batch"
                )
            low, high = self._share(count, self.rank)
            rows.append(np.arange(start + low, start + high, dtype=np.int64))
            start += count
        return Places(np.concatenate(rows), start)

    def whole(self, mine: Tensor, count: int) -> Tensor:
        """Return the rows (count, ...) of all processes in the order of the batch, of this one's share of a group.

        The gradient of the result reaches `mine` from this process's loss alone: the others have the same loss.
        """
        if self.size == 1:
            return mine
        shares = [self._share(count, rank) for rank in range(self.size)]
        return cast(Tensor, _Whole.apply(mine, shares, self.rank))  # type: ignore[no-untyped-call]

    def add_up(self, parameters: Iterable[Tensor]) -> None:
        """Add up the gradients of all processes, in place: those of the loss of the whole batch."""
        if self.size == 1:
            return
        gradients = [one.grad for one in parameters if one.grad is not None]
        flat = torch.cat([one.flatten() for one in gradients])
        dist.all_reduce(flat)
        pieces = torch.split(flat, [one.numel() for one in gradients])
        for gradient, piece in zip(gradients, pieces, strict=True):
            gradient.copy_(piece.view_as(gradient))

    def agreed(self, say: Callable[[], T]) -> T:
        """Return what `say` returns in the first process; the others wait for it and do not call it.

        Where it raises an error of ours there, the others leave with its exit code: it is said once.
        """
        if self.size == 1:
            return say()
        said: list[Any] = [None, None]
        fault: AgegapError | None = None
        if self.is_first:
            try:
                said[0] = say()
            except AgegapError as error:
                fault, said[1] = error, error.exit_code
        dist.broadcast_object_list(said, src=0)
        if fault is not None:
            raise fault
        if said[1] is not None:
            sys.exit(said[1])
        return cast(T, said[0])

    def in_turn(self, do: Callable[[], T]) -> T:
        """Call `do` in the first process, then in all others, which find what it wrote; return when all are done."""
        if self.size == 1:
            return do()
        done: list[T] = []

        def first() -> None:
            done.append(do())

        self.agreed(first)
        if not self.is_first:
            done.append(do())
        self.wait()
        return done[0]

    def wait(self) -> None:
        """Wait until every process is here."""
        if self.size > 1:
            dist.barrier()

    def prepared(self, net: nn.Module) -> nn.Module:
        """Return `net` with batch statistics over all processes; its weights and their names stay."""
        if self.size == 1:
            return net
        if next(net.parameters()).is_cuda:
            return cast(nn.Module, nn.SyncBatchNorm.convert_sync_batchnorm(net))  # type: ignore[no-untyped-call]
        for module in net.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.__class__ = SharedBatchNorm2d
        return net

    def _share(self, count: int, rank: int) -> tuple[int, int]:
        return count * rank // self.size, count * (rank + 1) // self.size


ALONE = Ranks()


def join_ranks() -> Ranks:
    """Return the processes that `torchrun` started with this one (RANK, WORLD_SIZE), joined; one alone without it.

    All but the first lose their standard output: a result is printed once. Errors are still heard.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1 or "RANK" not in os.environ:
        return ALONE
    if not dist.is_initialized():
        # https://docs.pytorch.org/docs/stable/elastic/run.html: torchrun sets the address in the environment.
        has_gpu = torch.cuda.is_available()
        if has_gpu:
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))  # NCCL talks through the current device
        dist.init_process_group("nccl" if has_gpu else "gloo", timeout=WAIT)
        atexit.register(_leave)
        if dist.get_rank():
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - for the rest of the process
    return Ranks(dist.get_rank(), dist.get_world_size())


def _leave() -> None:
    if dist.is_initialized():
        dist.destroy_process_group()


class _Whole(torch.autograd.Function):
    """All-gather of shares of rows that may differ in number; backward, a process keeps what is its own."""

    @staticmethod
    def forward(ctx: Any, mine: Tensor, shares: list[tuple[int, int]], rank: int) -> Tensor:
        ctx.share = shares[rank]
        longest = max(high - low for low, high in shares)
        padded = mine.new_zeros((longest, *mine.shape[1:]))
        padded[: len(mine)] = mine
        found = [torch.empty_like(padded) for _ in shares]
        dist.all_gather(found, padded)
        return torch.cat([rows[: high - low] for rows, (low, high) in zip(found, shares, strict=True)])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        low, high = ctx.share
        return gradients[0][low:high], None, None
