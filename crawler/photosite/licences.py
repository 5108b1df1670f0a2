"""The licences of photos, as flickr.photos.licenses.getInfo listed them in June 2025 (recorded, in that order)."""

_ALL_RIGHTS_RESERVED_URL = (
    "https://www.flickrhelp.com/hc/en-us/articles/10710266545556-Using-Flickr-images-shared-by-other-members"
)

LICENCES: tuple[tuple[str, str, str], ...] = (
    ("0", "All Rights Reserved", _ALL_RIGHTS_RESERVED_URL),
    ("4", "CC BY 2.0", "https://creativecommons.org/licenses/by/2.0/"),
    ("6", "CC BY-ND 2.0", "https://creativecommons.org/licenses/by-nd/2.0/"),
    ("3", "CC BY-NC-ND 2.0", "https://creativecommons.org/licenses/by-nc-nd/2.0/"),
    ("2", "CC BY-NC 2.0", "https://creativecommons.org/licenses/by-nc/2.0/"),
    ("1", "CC BY-NC-SA 2.0", "https://creativecommons.org/licenses/by-nc-sa/2.0/"),
    ("5", "CC BY-SA 2.0", "https://creativecommons.org/licenses/by-sa/2.0/"),
    ("7", "No known copyright restrictions", "https://www.flickr.com/commons/usage/"),
    ("8", "United States Government Work", "https://www.usa.gov/government-copyright"),
    ("9", "Public Domain Dedication (CC0)", "https://creativecommons.org/publicdomain/zero/1.0/"),
    ("10", "Public Domain Mark", "https://creativecommons.org/publicdomain/mark/1.0/"),
    ("11", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    ("12", "CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
    ("13", "CC BY-ND 4.0", "https://creativecommons.org/licenses/by-nd/4.0/"),
    ("14", "CC BY-NC 4.0", "https://creativecommons.org/licenses/by-nc/4.0/"),
    ("15", "CC BY-NC-SA 4.0", "https://creativecommons.org/licenses/by-nc-sa/4.0/"),
    ("16", "CC BY-NC-ND 4.0", "https://creativecommons.org/licenses/by-nc-nd/4.0/"),
)
"""Id, name and URL of each."""

OLD_NAMES = {
    "4": "Attribution License",
    "6": "Attribution-NoDerivs License",
    "3": "Attribution-NonCommercial-NoDerivs License",
    "2": "Attribution-NonCommercial License",
    "1": "Attribution-NonCommercial-ShareAlike License",
    "5": "Attribution-ShareAlike License",
}
"""What the Creative Commons licences were called until June 2025 (recorded in 2014); 11 to 16 were not there yet."""

NEW_IDS = frozenset(str(number) for number in range(11, 17))


def licence_rows(*, are_old: bool) -> list[dict[str, str]]:
    """Return the site's list of licences, as it is or as it was before June 2025."""
    rows = [{"id": number, "name": name, "url": url} for number, name, url in LICENCES]
    if not are_old:
        return rows
    return [{**row, "name": OLD_NAMES.get(row["id"], row["name"])} for row in rows if row["id"] not in NEW_IDS]
