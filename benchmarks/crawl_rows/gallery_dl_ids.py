"""gallery-dl's search at our site: only the host is another one. `python gallery_dl_ids.py API NAME` prints ids."""

import json
import sys
from urllib.parse import quote


def main(api: str, name: str) -> None:
    """Print the id of every result, in the order in which it comes."""
    # It ships no types.
    from gallery_dl import extractor  # type: ignore[import-untyped,unused-ignore]
    from gallery_dl.extractor import flickr  # type: ignore[import-untyped,unused-ignore]
    from gallery_dl.extractor.message import Message  # type: ignore[import-untyped,unused-ignore]

    flickr.FlickrAPI.API_URL = api
    flickr.FlickrExtractor.root = api.replace("/services/rest/", "")
    flickr.FlickrExtractor.request_interval = flickr.FlickrExtractor.request_interval_min = 0
    found = extractor.find("https://www.flickr.com/search/?text=" + quote(f'"{name}"'))
    for message in found:
        if message[0] == Message.Url:
            print(json.dumps(str(message[-1]["id"])))


if __name__ == "__main__":
    main(*sys.argv[1:])
