"""Response headers as a plain mapping that does not mind the case of a name, as RFC 9110 5.1 has it."""

from collections.abc import Iterator, Mapping

from scrapy.http.headers import Headers


class PlainHeaders(Mapping[str, str]):
    """The headers of one answer by name; several of one name are joined with a comma."""

    def __init__(self, headers: Headers) -> None:
        self._values = {
            name.decode("latin-1").lower(): b", ".join(headers.getlist(name)).decode("latin-1") for name in headers
        }

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
