"""Name files: LFW's two columns, plain lists, and everything that is neither."""

from pathlib import Path

import pytest

from agegap.errors import BadInputFile
from crawler.names import Name, parse_name, read_names


def _file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "names.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"Marta_Quillon\t1\nTom_van_Berg\t23\n",
        b"Marta Quillon\nTom van Berg\n",
        b"\xef\xbb\xbfMarta_Quillon\t1\r\nTom_van_Berg\t23\r\n",
        b"# people\n\n  Marta_Quillon \t1\textra\n\nTom_van_Berg",
        b"Marta_Quillon 1\nTom_van_Berg   23\n",
        b"Marta_Quillon\t1\nTom_van_Berg\t23\nMarta Quillon\n",
        b"Marta__Quillon\nTom  van_Berg\n",
    ],
    ids=["lfw", "plain", "bom and crlf", "comments and blanks", "count after blanks", "twice", "doubled gaps"],
)
def test_every_spelling_of_a_list_gives_the_same_names(tmp_path: Path, content: bytes) -> None:
    assert read_names(_file(tmp_path, content)) == [
        Name("Marta_Quillon", "Marta Quillon"),
        Name("Tom_van_Berg", "Tom van Berg"),
    ]


def test_a_name_is_searched_as_a_phrase() -> None:
    name = parse_name("Marta_Quillon")
    assert name is not None
    assert name.phrase == '"Marta Quillon"'


def test_a_quote_cannot_end_the_phrase_early() -> None:
    name = parse_name('Ann "Nan" Ofori')
    assert name is not None
    assert name.phrase == '"Ann Nan Ofori"'


def test_letters_of_every_script_and_one_word_are_names() -> None:
    assert [parse_name(words) is not None for words in ("Åsa_Öberg", "山田 花子", "Zoë", "O'Hara Q.")] == [True] * 4


def test_composed_and_decomposed_letters_are_one_name() -> None:
    assert parse_name("Asa_O\u0308berg") == parse_name("Asa_Öberg")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"# nobody\n", "holds no name"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "is binary"),
        (b"Marta_Quillon\n\xff\xfe\xfa", "is not text in UTF-8"),
        ("Marta\n".encode("utf-16"), "is binary"),
        (b"Marta_Quillon\n12345\n---\n", "line 2 is not a name ('12345'), line 3"),
        (b"x" * 300, "line 1 is not a name"),
    ],
    ids=["empty", "blank", "comments only", "jpeg", "latin", "utf-16", "numbers", "too long"],
)
def test_a_file_without_names_is_refused_in_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(BadInputFile) as error:
        read_names(_file(tmp_path, content))
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 2


@pytest.mark.parametrize("place", ["absent.txt", ".", "nul\x00.txt"])
def test_a_place_without_a_file_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(BadInputFile):
        read_names(tmp_path / place)


@pytest.mark.real_data
def test_the_lfw_list_has_its_5749_names(shared_data: Path) -> None:
    path = shared_data / "lfw" / "lfw-names.txt"
    names = read_names(path)
    assert len(names) == 5749
    assert [name.name for name in names] == [line.split("\t")[0] for line in path.read_text().splitlines()]
