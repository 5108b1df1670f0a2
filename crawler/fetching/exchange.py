"""What a request on a connection comes to: an answer, or one of three ways of getting none."""

from dataclasses import dataclass

from multidict import CIMultiDict


class BrokenOff(ConnectionError):
    """The connection ended within an answer."""


class NoAnswer(ConnectionError):
    """The connection ended before an answer began, or what began is none."""


class TooSlow(TimeoutError):
    """The deadline of a request passed; `has_answered`: it was the body that did not come."""

    def __init__(self, *, has_answered: bool) -> None:
        self.has_answered = has_answered
        super().__init__()


@dataclass(frozen=True)
class Answer:
    """Status and headers of an answer; `body` is in the connection's buffer until it is asked again.

    None: too long, or of unknown length; `Connection.stream` reads it.
    """

    status: int
    headers: CIMultiDict[str]
    body: memoryview | None
