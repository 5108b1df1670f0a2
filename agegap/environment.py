"""Where this process finds its catalog and data, and whether its five packages are really ours.

`db`, `dataset`, `train`, `crawler` and `curation` are common words: another distribution, or a folder of that
name in the current directory, can take one. `check_packages` says so before anything strange happens.
"""

import importlib.util
import os
from pathlib import Path

import agegap
from agegap.errors import WrongUse

CATALOG_VARIABLE = "AGEGAP_CATALOG"
DATA_VARIABLE = "AGEGAP_DATA"
DEFAULT_DATA = "data"
PACKAGES = ("crawler", "curation", "dataset", "db", "train")


def data_folder() -> Path:
    """Return the data folder: `AGEGAP_DATA`, else `data` below the current directory."""
    return Path(os.environ.get(DATA_VARIABLE) or DEFAULT_DATA)


def catalog_url() -> str:
    """Return the SQLAlchemy URL of the catalog: `AGEGAP_CATALOG`, else an SQLite file in the data folder."""
    return os.environ.get(CATALOG_VARIABLE) or f"sqlite:///{data_folder() / 'catalog.db'}"


def check_packages() -> None:
    """Raise WrongUse when one of the five package names resolves to something that is not ours."""
    home = Path(agegap.__file__).resolve().parent.parent
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        # An editable install may see a package of ours as a namespace: a place, but no file.
        places = list(spec.submodule_search_locations or []) if spec is not None else []
        if not places:
            raise WrongUse(f"the package '{name}' of agegap is not installed; run `make setup`")
        found = Path(places[0]).resolve()
        if found.parent != home:
            raise WrongUse(
                f"'{name}' resolves to {found}, not to agegap's own package in {home}; "
                "run agegap in its own virtual environment (`make setup`) and from another folder"
            )
