"""What a crawl of the wikis ought to end with, for everyone in the photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from crawler.photosite.photos import SitePhoto
from crawler.photosite.tags import words_of
from crawler.photosite.wiki.files import subcategory_of, wiki_files
from crawler.photosite.wiki.people import WikiPerson, wiki_people
from crawler.photosite.wiki.times import Precision, TimeStatement, WikiTime

Expected = Literal["accepted", "open", "none"]


@dataclass(frozen=True, kw_only=True)
class PersonTruth:
    """What a careful reader of the wiki ends with for this person.

    `expected`: accepted = one item leads; open = two fit equally well; none = no item is about them. The years are
    those of the item about them (Gregorian, inclusive; all of the statements of the best rank); None where it has none.
    """

    name: str
    case: str
    expected: Expected
    entity_id: str | None
    birth_year_min: int | None = None
    birth_year_max: int | None = None
    birth_precision: Precision | None = None
    is_julian: bool = False
    death_year_min: int | None = None
    death_year_max: int | None = None
    commons_category: str | None = None
    merged_id: str | None = None  # an older id of the item, which redirects


@dataclass(frozen=True, kw_only=True)
class CommonsTruth:
    """The file pages that have a photo, by the road that leads to them: sets of page ids.

    `phrase`: the name stands in the page (title, description, categories, keywords); `depicts`: a statement says so;
    `category`: in the person's category or the one below it.
    """

    phrase: frozenset[int]
    depicts: frozenset[int]
    category: frozenset[int]

    @property
    def every(self) -> frozenset[int]:
        """All pages that any road leads to."""
        return self.phrase | self.depicts | self.category


def truth_of(photos: Sequence[SitePhoto]) -> dict[str, PersonTruth]:
    """Return the truth about everyone in the photos, by name (`Marta_Quillon`)."""
    return {person.name: _truth(person) for person in wiki_people(photos)}


def commons_truth_of(photos: Sequence[SitePhoto]) -> dict[str, CommonsTruth]:
    """Return what a crawl of Commons finds for everyone in the photos, by name; counted without the site's index."""
    people = wiki_people(photos)
    files = [file for file in wiki_files(photos, people) if file.photo is not None]
    texts = {file.pageid: "".join(f" {' '.join(words_of(text))} |" for text in file.texts) for file in files}
    found = {}
    for person in people:
        phrase = f" {' '.join(words_of(person.display_name))} "
        category = person.own.category if person.own else None
        inside = {category, subcategory_of(category)} if category else set()
        found[person.name] = CommonsTruth(
            phrase=frozenset(pageid for pageid, text in texts.items() if phrase in text),
            depicts=frozenset(file.pageid for file in files if person.own and person.own.id in file.depicts),
            category=frozenset(file.pageid for file in files if inside & set(file.categories)),
        )
    return found


def _truth(person: WikiPerson) -> PersonTruth:
    if person.own is None:
        return PersonTruth(name=person.name, case=person.case, expected="none", entity_id=None)
    births, deaths = _best(person.own.births), _best(person.own.deaths)
    birth_min, birth_max = _years(births)
    death_min, death_max = _years(deaths)
    return PersonTruth(
        name=person.name,
        case=person.case,
        expected="open" if person.case == "close_homonym" else "accepted",
        entity_id=person.own.id,
        birth_year_min=birth_min,
        birth_year_max=birth_max,
        birth_precision=births[0].precision if births else None,
        is_julian=any(time.is_julian for time in births),
        death_year_min=death_min,
        death_year_max=death_max,
        commons_category=person.own.category,
        merged_id=person.own.redirected_from,
    )


def _best(statements: Sequence[TimeStatement]) -> list[WikiTime]:
    """Return the times that count: of the preferred statements, or of the normal ones where none is preferred."""
    for rank in ("preferred", "normal"):
        if found := [said.time for said in statements if said.rank == rank and said.time is not None]:
            return found
    return []


def _years(times: Sequence[WikiTime]) -> tuple[int | None, int | None]:
    if not times:
        return None, None
    first, last = [], []
    for time in times:
        match time.precision:
            case "century":
                low, high = time.year - 99, time.year
            case "decade":
                low, high = time.year, time.year + 9
            case _ if time.is_julian:  # the one Julian case is written late in December: January, as we count
                low = high = time.year + 1
            case _:
                low = high = time.year
        first.append(low)
        last.append(high)
    return min(first), max(last)
