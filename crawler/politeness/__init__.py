"""How fast a host may be asked, and what it asked not to have: used for API hosts and image hosts alike.

`pace` waits for a host's turn, `rate` finds the rate a host bears, `retry_after`, `robots` and `robots_tag` read what
a host says about it. Nothing here knows photos or the catalog.
"""
