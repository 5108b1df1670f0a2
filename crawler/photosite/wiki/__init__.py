"""Wikimedia Commons and Wikidata on the photo site: the same photos and people, told as those wikis tell them.

`WIKI_ROUTES` is what the photo site's server adds to its own; `truth_of` says what a crawl of it ought to find.
"""

from crawler.photosite.wiki.files import WikiFile, wiki_files
from crawler.photosite.wiki.routes import WIKI_ROUTES, add_routes
from crawler.photosite.wiki.server import WikiSite
from crawler.photosite.wiki.switches import WikiFaults
from crawler.photosite.wiki.truth import CommonsTruth, PersonTruth, commons_truth_of, truth_of

__all__ = [
    "WIKI_ROUTES",
    "CommonsTruth",
    "PersonTruth",
    "WikiFaults",
    "WikiFile",
    "WikiSite",
    "add_routes",
    "commons_truth_of",
    "truth_of",
    "wiki_files",
]
