"""`curate report`: a folder of HTML pages to look at what the catalog holds; no server, hardly a script."""

from curation.report.folder import is_report
from curation.report.write import write_report

__all__ = ["is_report", "write_report"]
