"""What is where in a report's folder, and how an older one is known."""

from pathlib import Path

INDEX, FIGURES, PRINTS = "index.html", "report.json", "people/fingerprints.json"


def is_report(folder: Path) -> bool:
    """Say whether `folder` was written by this command."""
    return (folder / FIGURES).is_file() and (folder / INDEX).is_file()


def person_page(subject_id: int) -> str:
    """Return where a person's page lies."""
    return f"people/{subject_id}.html"


def person_sheet(subject_id: int) -> str:
    """Return where the sheet of a person's faces lies."""
    return f"people/{subject_id}.jpg"


def list_page(number: int) -> str:
    """Return where the page `number` (from 1) of the list of people lies."""
    return "people.html" if number == 1 else f"people-{number}.html"
