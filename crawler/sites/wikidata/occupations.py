"""Occupations of people whom news photographers follow, as those of LFW were: Wikidata's items of P106.

A person who holds one is more likely to be the one whose name stands in a list of public figures than a namesake
who writes papers. The words are for the reader; only the ids are compared.
"""

from collections.abc import Mapping
from types import MappingProxyType

PUBLIC_OCCUPATIONS: Mapping[str, str] = MappingProxyType(
    {
        "Q82955": "politician",
        "Q193391": "diplomat",
        "Q16533": "judge",
        "Q40348": "lawyer",
        "Q189290": "military officer",
        "Q116": "monarch",
        "Q33999": "actor",
        "Q10800557": "film actor",
        "Q10798782": "television actor",
        "Q2259451": "stage actor",
        "Q2526255": "film director",
        "Q3282637": "film producer",
        "Q177220": "singer",
        "Q639669": "musician",
        "Q488205": "singer-songwriter",
        "Q753110": "songwriter",
        "Q245068": "comedian",
        "Q947873": "television presenter",
        "Q1930187": "journalist",
        "Q36180": "writer",
        "Q4610556": "model",
        "Q43845": "businessperson",
        "Q2066131": "athlete",
        "Q937857": "association football player",
        "Q628099": "association football manager",
        "Q41583": "coach",
        "Q10833314": "tennis player",
        "Q3665646": "basketball player",
        "Q5137571": "basketball coach",
        "Q10871364": "baseball player",
        "Q19204627": "American football player",
        "Q11774891": "ice hockey player",
        "Q11513337": "athletics competitor",
        "Q11303721": "golfer",
        "Q11338576": "boxer",
        "Q10843402": "swimmer",
        "Q10841764": "Formula One driver",
        "Q378622": "racing driver",
        "Q2309784": "sport cyclist",
        "Q13219587": "figure skater",
        "Q4144610": "alpine skier",
        "Q14089670": "rugby union player",
        "Q12299841": "cricketer",
    }
)
