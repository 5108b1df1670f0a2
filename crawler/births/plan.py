"""Everything a look-up of births needs, checked before Scrapy starts, so that wrong use is one sentence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from agegap.errors import WrongUse
from crawler.crawl_settings import CrawlSettings, check_api_url, check_contact, is_loopback, load_crawl_settings
from crawler.names import Name, read_names
from crawler.plan import digest_of_names
from crawler.sites.wikidata.asks import API_URL
from crawler.sites.wikidata.scoring import Years
from db.session import open_catalog

ALL_SUBJECTS = "all subjects"
"""What stands in `query.asked_by` where no list of names was given."""

_TRUTHS: Mapping[str, bool] = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?")


@dataclass(frozen=True)
class BirthsPlan:
    """A look-up of `names` (None: of all subjects of the catalog) at `api`; `is_again` of those done already too."""

    names: tuple[Name, ...] | None
    asked_by: str
    api: str
    is_again: bool
    alive_in: Years | None
    settings: CrawlSettings
    catalog: Engine


def make_births_plan(arguments: Mapping[str, str]) -> BirthsPlan:
    """Return the plan of `[-a names=FILE] [-a api=URL] [-a again=true] [-a alive_in=2002-2004] [-a setting=value]`.

    Raises WrongUse. The catalog is opened (and made or migrated) last, when nothing else is wrong.
    """
    rest = dict(arguments)
    names_file = rest.pop("names", None)
    api = check_api_url(rest.pop("api", API_URL), example=API_URL)
    is_again = _truth("again", rest.pop("again", "false"))
    alive_in = _years(rest.pop("alive_in", ""))
    settings = load_crawl_settings(rest, is_loopback=is_loopback(api))
    names = tuple(read_names(Path(names_file))) if names_file else None
    check_contact(settings.contact, api)
    return BirthsPlan(
        names=names,
        asked_by=ALL_SUBJECTS if names is None else digest_of_names(names),
        api=api,
        is_again=is_again,
        alive_in=alive_in,
        settings=settings,
        catalog=open_catalog(),
    )


def _truth(name: str, words: str) -> bool:
    truth = _TRUTHS.get(words.strip().lower())
    if truth is None:
        raise WrongUse(f"{name}: '{words}' is neither true nor false; give -a {name}=true")
    return truth


def _years(words: str) -> Years | None:
    if not words:
        return None
    match = _YEARS.fullmatch(words.strip())
    if match is None or int(match[2] or match[1]) < int(match[1]):
        raise WrongUse(f"alive_in: '{words}' is no span of years; give one such as -a alive_in=2002-2004")
    return Years(int(match[1]), int(match[2] or match[1]))
