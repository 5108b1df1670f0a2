"""Licences as the site lists them."""

from sqlalchemy import Engine

from db.licences import SiteLicence, licences, save_licences

BY = SiteLicence("4", "CC BY 2.0", "https://creativecommons.org/licenses/by/2.0/")
RESERVED = SiteLicence("0", "All Rights Reserved")


def test_a_newer_list_is_written_over_the_older_and_drops_nothing(catalog: Engine) -> None:
    renamed = SiteLicence("4", "Attribution", None)
    with catalog.begin() as connection:
        save_licences(connection, "flickr", [BY, RESERVED])
        save_licences(connection, "flickr", [renamed])
        save_licences(connection, "commons", [])
        assert licences(connection, "flickr") == {"0": RESERVED, "4": renamed}
        assert licences(connection, "commons") == {}
