"""What others wrote, in their workbooks and in the names of their files, is only ever text."""

from __future__ import annotations

import itertools
import os
import pty
import re
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.output import files as output_files
from pipeline.output import publish
from pipeline.reading.parse_cell import as_text
from schemas.forms import FIELDS
from tests.support import filed
from tests.support.runner import recorded
from tests.support.written import table

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform == "win32":
    pytest.skip("terminals and file names of a POSIX system", allow_module_level=True)

MARK = "恶意"
"""Stands in each hostile text, to find it again."""
EVIL = (
    f'=HYPERLINK("http://x.test/{MARK}","点此")',
    f"+cmd|'/C calc'!A0{MARK}",
    f"-2+3{MARK}",
    f"@SUM(A1){MARK}",
    f"\t=1+1{MARK}",
    f"{{=1+1{MARK}}}",
    f"http://x.test/{MARK}",
    f"mailto:a@x.test?{MARK}",
    f"file:///etc/passwd#{MARK}",
    f"internal:'评价结果'!A1{MARK}",
    f"<b onload=alert(1)>{MARK}</b><f>1+1</f>",
    f"]]><c><f>1+1</f></c>{MARK}",
    f"<r><t>{MARK}</t></r>",
    f"<r>{MARK} & {MARK}</r>",
    f"&lt;{MARK}&#61;1;&x;",
    f"_x000A_=1+1{MARK}",
    f"\x1b]0;title\x07\x1b[31m{MARK}\x1b[2J",
    f"一行{MARK}\n2022-01-01 ERROR 假的一行",
    f"\u202e{MARK}\u2066",
    f"../../../../etc/{MARK}",
)
NAME = f"=示例县{MARK}\x1b[31m局\n收到 999 个文件，评价 999 个部门。"
"""A department that would like to have a second line, and that one red."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, clean: dict[str, Any], seed: dict[str, Any]) -> tuple[Path, str]:
    """Evaluate returns full of such texts, at a terminal; give the results and what was shown."""
    folder = tmp_path_factory.mktemp("evil")
    inbox = folder / "inbox"
    inbox.mkdir()
    names = iter(itertools.cycle(EVIL))
    fields = {
        name: next(names)
        for name, field in FIELDS.items()
        if name in clean["fields"] and not field.kind.numeric and "department" not in name and "reported" not in name
    }
    assert len(fields) > 3
    rows = {str(n): {"level3": next(names), "target": next(names), "actual": next(names)} for n in range(1, 14)}
    evil = filed.changed(clean, {"fields": fields | {"staff_in_post": f"=1+1{MARK}"}, "rows": rows}, NAME)
    (inbox / f"={MARK}\x1b[31m\n.xlsx").write_bytes(filed.workbook(evil))
    (inbox / f"坏{MARK}\x1b[2J\n第二行\u202e.xlsx").write_bytes(b"nothing")
    (inbox / "科工局.xlsx").write_bytes(filed.workbook(seed))
    return folder / "out" / "2021", _at_a_terminal("evaluate", str(inbox), "-o", str(folder / "out"))


def _at_a_terminal(*arguments: str) -> str:
    """Run the command with a terminal for its output and errors; give what it wrote there."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "pipeline", *arguments]
    with subprocess.Popen(command, cwd=filed.ROOT, stdout=theirs, stderr=subprocess.DEVNULL, stdin=theirs) as process:
        os.close(theirs)
        told = b""
        try:
            while more := os.read(ours, 65536):
                told += more
        except OSError:  # so Linux says that nobody has it open any more
            pass
        assert process.wait() == 0
    os.close(ours)
    return told.decode()


def test_the_closing_message_steers_no_terminal(run: tuple[Path, str]) -> None:
    """Text never becomes more than text: no escape and no line of a department's is in what a terminal is told."""
    lines = run[1].replace("\r\n", "\n").splitlines()
    assert not [mark for line in lines for mark in line if unicodedata.category(mark) in {"Cc", "Cf"}]
    assert any(MARK in line for line in lines)
    assert [line for line in lines if line.startswith("收到")] == ["收到 3 个文件，评价 2 个部门。"]
    assert not [line for line in lines if line.startswith("第二行")]


def _parts(path: Path) -> dict[str, ET.Element]:
    """Give every part of a workbook that is XML, as it stands."""
    with zipfile.ZipFile(path) as book:
        return {
            name: ET.fromstring(book.read(name))  # noqa: S314 - our own
            for name in book.namelist()
            if name.endswith((".xml", ".rels", ".vml"))
        }


def _words(element: ET.Element) -> str:
    return "".join(element.itertext())


def test_no_word_becomes_a_formula_a_link_or_markup(run: tuple[Path, str]) -> None:
    """Text never becomes more than text: raw, no workbook has a formula, link or element of such words."""
    folder = run[0]
    places: set[str] = set()
    for path in folder.rglob("*.xlsx"):
        for part in _parts(path).values():
            for element in part.iter():
                kind = element.tag.rpartition("}")[2]
                if MARK in (element.text or ""):
                    places.add(kind)
                wrong = {
                    name: value for name, value in element.attrib.items() if "x.test" in value or "passwd" in value
                }
                assert not wrong, (path, kind, wrong)
                if kind in {"f", "formula", "formula1", "formula2", "definedName"}:
                    assert not re.search(f"{MARK}|HYPERLINK|cmd|x[.]test|/etc", _words(element)), (
                        path,
                        _words(element),
                    )
    assert places
    # Text of cells, of notes, the title of the workbook: and nowhere else.
    assert places <= {"t", "v", "title", "oddHeader", "oddFooter", "text"}


def test_no_cell_of_a_csv_begins_like_a_formula(run: tuple[Path, str]) -> None:
    """Text never becomes more than text: a cell of a CSV file that begins with = + - @ or a tab is a number of ours."""
    begins = 0
    for path in (run[0] / "data").glob("*.csv"):
        for line in table(run[0], path.stem):
            for column, text in line.items():
                begins += text[:2] in {"'=", "'+", "'-", "'@", "'\t"}
                if text[:1] in {"=", "+", "-", "@", "\t", "\r"}:
                    assert re.fullmatch(r"-\d+(\.\d+)?(e-?\d+)?", text), (path, column, text)
                    assert column not in {"raw", "target", "actual", "department", "source_file", "level3", "stated"}
    assert begins > 10


def test_what_was_written_is_there_as_it_was(run: tuple[Path, str], clean: dict[str, Any]) -> None:
    """Text never becomes more than text, and no less: the raw words of a field are in facts.csv."""
    facts = {row["field"]: row["raw"] for row in table(run[0], "facts") if MARK in row["department"]}
    assert facts["staff_in_post"] == f"'=1+1{MARK}"
    assert facts["authorised_posts"] == as_text(clean["fields"]["authorised_posts"])


def test_names_of_results_lead_nowhere(run: tuple[Path, str]) -> None:
    """Text never becomes more than text: results lie where they should, under names that every system takes."""
    names = recorded(run[0])
    assert any(MARK in name for name in names)
    for name in names:
        assert re.fullmatch(r"[^/\\]+(/[^/\\]+)?", name)
        assert not [mark for mark in name if unicodedata.category(mark) in {"Cc", "Cf", "Cs"} or mark in '<>:"|?*']


RESERVED = ("CON", "prn", "Aux", "NUL", "COM1", "lpt9", "COM¹", "LPT³", "CONIN$", "conout$", "COM0")
NAMES = (
    *(f"{name}{end}" for name in RESERVED for end in ("", ".", " ", ".局", " .局", ".局.")),
    *(
        "a/b",
        "a\\b",
        "a:b",
        "a_b",
        "..",
        ".",
        " ",
        "",
        "_",
        "局.",
        "局 ",
        "局",
        "局..",
        " 局",
        ".局",
        "~$局",
        "~$",
        "-局",
    ),
    *(
        "ABC局",
        "abc局",
        "ＡＢＣ局",
        "ａｂｃ局",
        "Straße",
        "STRASSE",
        "ﬁ",
        "fi",
        "é",
        "e\u0301",
        "K局",
        "\u212a局",
        "ıI",
        "ii",
    ),
    *("局\n", "局\x00", "局\x7f", "局\x85", "局\u202e", "局\u200b", "局\u2028", "\ud800局"[1:], "a\tb", "a b"),
    *("局" * 200, "局" * 200 + "二", "局" * 66, "局" * 67, "𠮷" * 64, "a" * 200, "a" * 201, "a" * 255),
)


def test_file_names_are_safe_and_distinct() -> None:
    """Text never becomes more than text: department names make safe, distinct file names on Windows and Linux."""
    given = output_files.file_names(NAMES)
    assert len(given) == len(set(NAMES))
    alike = [unicodedata.normalize("NFKC", name).upper().casefold() for name in given.values()]
    assert len(set(alike)) == len(alike)
    reserved = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)[ .]*($|\..*)")
    for name in given.values():
        assert name
        assert not reserved.fullmatch(name), name
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200b\u2028\u202e]', name)
        assert not name.startswith((".", "~$", " "))
        assert not name.endswith((".", " "))
        assert len(f"{name}.xlsx".encode()) <= 255


def test_a_name_made_to_meet_another_does_not() -> None:
    """Text never becomes more than text: a department called by the file name of another does not get its file."""
    first = output_files.file_names(["ABC局", "abc局"])["abc局"]
    names = output_files.file_names(["ABC局", first, "abc局"])
    assert len(set(names.values())) == 3


def test_no_name_of_a_department_locks_the_results(tmp_path: Path) -> None:
    """Text never becomes more than text: no name of a department is the lock of an office program."""
    for name in output_files.file_names(["~$局", ".~lock.局", "~$~$"]).values():
        (tmp_path / f"{name}.xlsx").write_bytes(b"")
    publish.refuse_open(tmp_path)
