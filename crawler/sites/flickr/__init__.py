"""Flickr: what to ask it, how to read its answers, and how to reach every photo it has. Pure functions."""

from crawler.sites.flickr.asking import EXTRAS, info_parameters, licences_parameters, search_parameters
from crawler.sites.flickr.words import (
    ALL_RIGHTS_RESERVED,
    API_URL,
    KEY_PARAMETER,
    KEY_VARIABLE,
    LICENCES,
    MAX_PER_PAGE,
    RESULT_CAP,
    SITE,
    SIZE_PRESETS,
    SIZES,
    is_placeholder,
    page_url,
)

__all__ = [
    "ALL_RIGHTS_RESERVED",
    "API_URL",
    "EXTRAS",
    "KEY_PARAMETER",
    "KEY_VARIABLE",
    "LICENCES",
    "MAX_PER_PAGE",
    "RESULT_CAP",
    "SITE",
    "SIZES",
    "SIZE_PRESETS",
    "info_parameters",
    "is_placeholder",
    "licences_parameters",
    "page_url",
    "search_parameters",
]
