"""The site's own counting: calls of a key in any window of time, and requests a second of a host."""

from collections import deque


class RollingLimit:
    """Counts calls in a rolling window and says which are too many. `most` = 0 only counts."""

    def __init__(self, *, most: int, window_s: float) -> None:
        self.most = most
        self.window_s = window_s
        self.largest = 0
        """The largest number of calls seen in any window, refused ones included."""
        self._moments: deque[float] = deque()

    def enter(self, now: float) -> bool:
        """Count a call at `now` (seconds of a steady clock); say whether it is within the limit."""
        while self._moments and self._moments[0] <= now - self.window_s:
            self._moments.popleft()
        self._moments.append(now)
        self.largest = max(self.largest, len(self._moments))
        return not self.most or len(self._moments) <= self.most


class TokenBucket:
    """Lets `rate` requests a second through, and `burst` of them at once. A rate of 0 lets all through."""

    def __init__(self, *, rate: float, burst: float) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = burst
        self._filled_at: float | None = None

    def enter(self, now: float) -> bool:
        """Take a token at `now`; say whether there was one."""
        if not self.rate:
            return True
        if self._filled_at is not None:
            self._tokens = min(self.burst, self._tokens + (now - self._filled_at) * self.rate)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
