"""`curate audit`."""

import click

from agegap.cli import json_option, show


@click.command("audit")
@click.option("--check", "checks", multiple=True, metavar="NAME", help="Only this check; may be given several times.")
@click.option("--list", "as_list", is_flag=True, help="List the findings, one line each, in place of the table.")
@click.option("--apply", "applied", multiple=True, metavar="CHECK|ID", help="Apply the fixes of a check or finding.")
@click.option("--revert", "reverted", multiple=True, metavar="CHECK|ID", help="Take applied fixes back.")
@click.option(
    "--ignore", "ignored", multiple=True, metavar="CHECK|ID", help="Never count these findings as open again."
)
@json_option
def audit(
    *,
    checks: tuple[str, ...],
    as_list: bool,
    applied: tuple[str, ...],
    reverted: tuple[str, ...],
    ignored: tuple[str, ...],
    as_json: bool,
) -> None:
    """Look for labels that cannot be right: ages, years, births, sexes, pictures under two people.

    Findings are stored in the catalog (audit_finding) with their rows; running it again brings them up to date. With
    --apply, --revert or --ignore no check is run: what the last run found is fixed, restored or set aside.
    """
    from agegap.settings import load_settings
    from curation.audit.known import find_checks
    from curation.audit.settings import AuditSettings
    from curation.audit_steps import audit_catalog, decide, list_findings
    from db.session import open_catalog

    names = find_checks(checks)
    settings = load_settings("curate.audit", AuditSettings)
    engine = open_catalog()
    if applied or reverted or ignored:
        result = decide(engine, applied=applied, reverted=reverted, ignored=ignored)
    else:
        result = audit_catalog(engine, names, settings)
    if as_list:
        for line in list_findings(engine, names if checks else None, as_json=as_json):
            click.echo(line)
        return
    show(result, as_json=as_json, title="audit")
