"""How a query says where it goes on: mediawiki includes/api/ApiContinuationManager.php, in a few lines.

`continue` names the generator's parameters and the modules that are finished, "gsroffset||info". A batch of pages is
complete when every module that reads it is; only then does the generator move on, and only then is there a
`batchcomplete`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.photosite.wiki.envelope import Call, WikiFault


@dataclass
class Continuation:
    """What goes on after this answer. `modules` are all that run; `generated` those that read the generator's pages."""

    modules: Sequence[str]
    generated: frozenset[str]
    given: Mapping[str, str] = field(default_factory=dict)  # the generator's parameters, as this call had them
    is_generator_done: bool = False
    skipped: frozenset[str] = frozenset()
    unfinished: dict[str, dict[str, Any]] = field(default_factory=dict)
    generator_next: dict[str, Any] = field(default_factory=dict)

    def runs(self, module: str) -> bool:
        """Say whether a module still has something to tell."""
        return module not in self.skipped and not (self.is_generator_done and module in self.generated)

    def result(self) -> dict[str, Any]:
        """Return `continue` and `batchcomplete`, as far as they are due."""
        data: dict[str, Any] = {}
        finished = [module for module in self.modules if module not in self.unfinished]
        is_cut = False
        for module, params in self.unfinished.items():
            data |= params
            is_cut = is_cut or module in self.generated
        if is_cut:
            data |= self.given
            keys = "|".join(self.given)
        elif self.generator_next:
            data |= self.generator_next
            finished = [module for module in finished if module not in self.generated]
            keys = "|".join(self.generator_next)
        else:
            keys = "-"
        found: dict[str, Any] = {} if is_cut else {"batchcomplete": True}
        if data or keys != "-":
            found["continue"] = {**data, "continue": f"{keys}||{'|'.join(finished)}"}
        return found


def read_continuation(call: Call, modules: Sequence[str], generated: frozenset[str]) -> Continuation:
    """Read what a call continues; raise WikiFault for a `continue` nobody gave it."""
    value = call.text("continue")
    if not value:
        return Continuation(modules, generated)
    generator, bars, done = value.partition("||")
    if not bars or "||" in done:
        raise WikiFault(
            "badcontinue", "Invalid continue param. You should pass the original value returned by the previous query."
        )
    names = [] if generator in ("", "-") else generator.split("|")
    given = {name: call.text(name) for name in names if name in call.params}
    return Continuation(modules, generated, given, generator == "-", frozenset(done.split("|")) - {""})
