"""`meta=siteinfo|userinfo`: what client libraries ask before anything else."""

from typing import Any

from crawler.photosite.wiki.envelope import Call

META_PARAMS = {"siteinfo": ("siprop", "sinumberingroup"), "userinfo": ("uiprop",)}
META = tuple(META_PARAMS)
GENERATOR = "MediaWiki 1.46.0-wmf.4"
_NAMESPACES = {
    -2: "Media", -1: "Special", 0: "", 1: "Talk", 2: "User", 3: "User talk", 4: "Project", 5: "Project talk",
    6: "File", 7: "File talk", 8: "MediaWiki", 9: "MediaWiki talk", 10: "Template", 11: "Template talk", 12: "Help",
    13: "Help talk", 14: "Category", 15: "Category talk",
}  # fmt: skip


def meta_of(name: str, call: Call, base: str) -> dict[str, Any]:
    """Return what a meta module adds to `query`."""
    if name == "userinfo":
        wanted = call.several("uiprop", module="userinfo")
        user: dict[str, Any] = {"id": 0, "name": "127.0.0.1", "anon": True}
        if "groups" in wanted:
            user["groups"] = ["*"]
        if "rights" in wanted:
            user["rights"] = ["createaccount", "read", "edit"]
        return {"userinfo": user}
    wanted = call.several("siprop", default="general", module="siteinfo")
    found: dict[str, Any] = {}
    if "general" in wanted:
        found["general"] = {
            "mainpage": "Main Page",
            "base": f"{base}/wiki/Main_Page",
            "sitename": "Wikimedia Commons",
            "generator": GENERATOR,
            "case": "first-letter",
            "lang": "en",
            "server": base,
            "scriptpath": "/w",
            "articlepath": "/wiki/$1",
            "maxarticlesize": 2_097_152,
        }
    if "namespaces" in wanted:
        key = "name" if call.version == 2 else "*"
        found["namespaces"] = {
            str(number): {"id": number, "case": "first-letter", key: said, **({"canonical": said} if said else {})}
            for number, said in _NAMESPACES.items()
        }
    return found
