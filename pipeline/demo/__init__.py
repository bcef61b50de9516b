"""A county that does not exist: filed returns, a roster, last year's results, and the odd things an inbox holds.

`county` gives the returns one by one, `write` puts a whole inbox on disk, `run` evaluates it as well. The same seed
gives the same county on every machine; each department draws from a source of chance of its own, so that a
department is the same in a larger county and in a smaller one.
"""

from __future__ import annotations

import datetime
import io
import os
import re
import zipfile
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from pipeline import export, template
from pipeline import prior as last_year
from pipeline import roster as rosters
from pipeline.book import Styles, begin, put
from pipeline.demo.faults import FAULTS, plant
from pipeline.demo.returns import Return, chance, honest
from pipeline.demo.words import Office, offices
from pipeline.layout import lay_out
from pipeline.listing import FIRST
from pipeline.results import DATA
from pipeline.run import Given, evaluate, quiet
from pipeline.workbook import address
from schemas import policy as policies
from schemas.annexes import FIELDS, FORMS
from schemas.mistake import MistakeError
from schemas.roster import COLUMNS
from schemas.roster import FILE as ROSTER
from schemas.rules import RULE
from schemas.rules.last_year import NEEDED
from schemas.states import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.run import Run
    from schemas.policy import Policy

SEED, COUNT = 2021, 100
INBOX, PRIOR, OUTPUT = "inbox", "prior", "output"
LEAST = 10
"""The smallest county that has one of everything."""
_MARK = "demo"
_ABSENT, _EXEMPT = 0.05, 0.02
_FOUND_BEFORE, _CHANGED_SINCE = 0.3, 0.05
_LEAST = 2
"""Of the departments that send nothing, the first sends something that cannot be read, the second is silent."""
_HOURS = (9, 17)
_CHINA = datetime.timezone(datetime.timedelta(hours=8))
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date in an archive: the same bytes whenever it is made."""


class OccupiedError(MistakeError):
    """A folder whose inbox holds files that are none of the demo's; the message says what to do, in Chinese."""


class Sent(NamedTuple):
    """A file of the inbox: its name, its bytes, and when it was sent."""

    name: str
    content: bytes
    modified: datetime.datetime


class _Members(NamedTuple):
    """Who of the county reports: those who send a return, those who should and do not, and those who need not."""

    sending: list[Office]
    absent: list[Office]
    exempt: list[Office]


# ---------------------------------------------------------------------- the county


def returns(year: int, seed: int = SEED, count: int = COUNT) -> Iterator[Return]:
    """Give the returns of a county, made one at a time, with the faults that were planted in each.

    Args:
        year: the fiscal year, one that has a policy.
        seed: which county.
        count: how many departments it has, `LEAST` or more; a few of them send nothing.
    """
    policy = policies.load(year)
    for office in _members(seed, count).sending:
        made = _honest(seed, office, policy)
        plant(made, chance(seed, year, office.number, "faults"))
        yield made


def county(year: int, seed: int = SEED, count: int = COUNT) -> Iterator[tuple[str, bytes]]:
    """Give file name and workbook of every return of a county, made one at a time; arguments as of `returns`."""
    for made in returns(year, seed, count):
        yield _file(made.office), made.workbook()


def roster(seed: int = SEED, count: int = COUNT) -> bytes:
    """Write the roster of a county: everybody, also who sends nothing, and who need not send anything."""
    exempt = set(_members(seed, count).exempt)
    book, buffer = begin(rosters.LIST.title)
    styles = Styles(book)
    sheet = rosters.LIST.blank(book, styles, count)
    for at, office in enumerate(offices(count), FIRST):
        entries = {"name": office.name, "code": f"{office.number + 1:05}", "also": office.short}
        entries |= {"required": "否" if office in exempt else "是", "telephone": f"0000-{office.number:07}"}
        for field, value in entries.items():
            put(sheet, (at, list(COLUMNS).index(field)), value, styles.get("input"))
    book.close()
    return buffer.getvalue()


def odd(year: int, seed: int = SEED, count: int = COUNT) -> Iterator[Sent]:
    """Give what else lies in the inbox.

    A copy, a first draft with other figures, the return of the year before, an upload that failed, a letter renamed
    to a workbook, and what an office program leaves behind.
    """
    policy = policies.load(year)
    members = _members(seed, count)
    copied, drafted, outdated, failed, opened = chance(seed, "odd").sample(members.sending, 5)
    made = {office.number: office for office in (copied, drafted, outdated)}
    found = {at: _made(seed, office, policy) for at, office in made.items()}
    yield Sent(f"{copied.name} - 副本.xlsx", found[copied.number].workbook(), _time(found[copied.number]))
    draft = _draft(found[drafted.number])
    yield Sent(f"{drafted.name}（初稿）.xlsx", draft.workbook(), _time(draft))
    before = found[outdated.number]
    before = replace(before, fields=before.fields | {"fiscal_year": f"（{year - 1}年度）"})
    yield Sent(f"{outdated.name}（{year - 1}年度）.xlsx", before.workbook(), _time(before))
    yield Sent(f"{failed.name}（上传未完成）.xlsx", b"", _time(before))
    yield Sent(_file(members.absent[0]), _letter(members.absent[0].name), _time(before))
    yield Sent(f"~${opened.name}.xlsx", "示例用户".encode("utf-16-le").ljust(165, b"\0"), _time(before))


def prior(year: int, seed: int = SEED, count: int = COUNT) -> dict[str, bytes]:
    """Write last year's results as far as `pipeline.prior.load` reads them.

    The figures are those that this year's returns call last year's, but for a few departments that changed them.
    Some of this year's faults were found then already.

    Args:
        year: this year; the results are of the year before.
        seed: which county.
        count: how many departments it has.
    """
    made = list(_unwritten(seed, count, year))
    places = _places(policies.load(year))
    facts = [fact for each in made for fact in _facts(seed, each, places)]
    findings = [finding for each in made for finding in _findings(seed, each)]
    return {
        export.RECORD: export.as_json({"policy": {"year": year - 1}}),
        last_year.FACTS: export.csv(pd.DataFrame(facts, columns=DATA["facts"], dtype="str")),
        last_year.FINDINGS: export.csv(pd.DataFrame(findings, columns=DATA["findings"], dtype="str")),
    }


# ---------------------------------------------------------------------- on disk


def write(folder: Path, year: int, seed: int = SEED, count: int = COUNT) -> None:
    """Write the inbox of a county and last year's results below a folder.

    What an earlier demo wrote there is replaced.

    Args:
        folder: where ``inbox`` and ``prior`` are put.
        year: the fiscal year of the returns.
        seed: which county.
        count: how many departments it has.

    Raises:
        OccupiedError: the folder has an inbox that no demo wrote.
    """
    _make_way(folder)
    made = returns(year, seed, count)
    files = [Sent(_file(each.office), each.workbook(), _time(each)) for each in made]
    called = datetime.datetime(year + 1, 2, 1, _HOURS[0], tzinfo=_CHINA)
    files += [*odd(year, seed, count), Sent(ROSTER, roster(seed, count), called)]
    results = {f"{PRIOR}/{name}": content for name, content in prior(year, seed, count).items()}
    names = [*(f"{INBOX}/{each.name}" for each in files), *results]
    record = {_MARK: {"seed": seed, "count": count, "year": year}, "outputs": names}
    export.clear(folder, names)
    export.place(folder / export.RECORD, export.as_json(record))
    (folder / INBOX).mkdir(parents=True, exist_ok=True)
    for each in files:
        path = folder / INBOX / each.name
        path.write_bytes(each.content)
        os.utime(path, (each.modified.timestamp(),) * 2)
    for name, content in results.items():
        export.place(folder / name, content)


def run(
    folder: Path,
    year: int,
    seed: int = SEED,
    count: int = COUNT,
    progress: Callable[[str, int], Callable[[], None]] = quiet,
) -> Run:
    """Write a county below a folder and evaluate it into ``output`` there, with its roster and last year's results."""
    write(folder, year, seed, count)
    inbox = folder / INBOX
    given = Given(rosters.find(inbox), prior=last_year.load(folder / PRIOR, year))
    return evaluate(inbox, folder / OUTPUT, policies.load(year), progress=progress, given=given)


def _make_way(folder: Path) -> None:
    """See to it that nothing is written among, or removes, files that are none of a demo's."""
    path = folder / export.RECORD
    if path.is_file():
        ours = f'"{_MARK}"' in path.read_text(encoding="utf-8", errors="replace")
    else:
        ours = not any((folder / name).exists() for name in (INBOX, PRIOR, OUTPUT))
    if not ours:
        raise OccupiedError(f"{folder} 里已有其他文件，演示数据不能写在一起；请用 -o 指定另一个文件夹。")


# ---------------------------------------------------------------------- who reports, and when


@lru_cache(maxsize=8)
def _members(seed: int, count: int) -> _Members:
    """Say who sends a return: the leading bureaus always do."""
    known = offices(count)
    absent, exempt = max(_LEAST, round(_ABSENT * count)), max(1, round(_EXEMPT * count))
    silent = chance(seed, count, "silent").sample(known[count // 4 :], absent + exempt)
    return _Members([each for each in known if each not in set(silent)], silent[:absent], silent[absent:])


def _file(office: Office) -> str:
    return f"{office.name}.xlsx"


def _honest(seed: int, office: Office, policy: Policy) -> Return:
    return honest(chance(seed, policy.year, office.number), office, policy)


def _made(seed: int, office: Office, policy: Policy) -> Return:
    made = _honest(seed, office, policy)
    plant(made, chance(seed, policy.year, office.number, "faults"))
    return made


def _time(made: Return) -> datetime.datetime:
    """Say when a return was sent: in office hours of the day that it names."""
    day = [int(number) for number in re.findall(r"\d+", made.fields["reported_on_1_2"])]
    random = chance(made.office.name, *day)
    hour, minute, second = random.randint(*_HOURS), random.randint(0, 59), random.randint(0, 59)
    return datetime.datetime(day[0], day[1], day[2], hour, minute, second, tzinfo=_CHINA)


def _draft(made: Return) -> Return:
    """Give an earlier version of a return: sent in February, with another figure and a row less sure of itself."""
    date = re.sub(r"3月(\d+)日", r"2月\1日", made.fields["reported_on_1_2"])
    fields = made.fields | {"reported_on_1_1": date, "reported_on_1_2": date, "procurement_outturn": 0, "remedies": ""}
    first, *others = made.lines
    return replace(made, fields=fields, lines=[replace(first, actual=""), *others])


def _letter(name: str) -> bytes:
    """Write a Word document, as small as can be."""
    stream = io.BytesIO()
    text = f"{name}关于报送绩效自评表的说明（表格另行报送）。"
    body = f"<w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body>"
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
        ),
        "word/document.xml": f'<w:document xmlns:w="{space}">{body}</w:document>',
    }
    with zipfile.ZipFile(stream, "w") as archive:
        for part, content in parts.items():
            archive.writestr(zipfile.ZipInfo(part, _LONG_AGO), content)
    return stream.getvalue()


# ---------------------------------------------------------------------- last year


class _Before(NamedTuple):
    """A department as it was last year: its figures, and the faults that it makes this year."""

    name: str
    figures: dict[str, float]
    faults: list[str]


def _unwritten(seed: int, count: int, year: int) -> Iterator[_Before]:
    """Give last year's figures of everybody who reports this year, as this year's honest returns have them."""
    policy = policies.load(year)
    for office in _members(seed, count).sending:
        filed = _honest(seed, office, policy).fields
        executed = round(filed["basic_prior_outturn"] + filed["project_prior_outturn"], 2)
        known: dict[str, Any] = {
            name: filed[name.replace("_outturn", "_prior_outturn")] for name in NEEDED if name.endswith("_outturn")
        }
        known |= {"authorised_posts": filed["authorised_posts"], "funds_executed": executed}
        known["funds_budget"] = round(executed + filed["income_carryover"], 2)
        yield _Before(office.name, known, _made(seed, office, policy).faults)


def _facts(seed: int, before: _Before, places: dict[str, tuple[str, str]]) -> Iterator[dict[str, str]]:
    random = chance(seed, before.name, "last year")
    changed = random.choice(list(NEEDED)) if random.random() < _CHANGED_SINCE else ""
    for name, figure in before.figures.items():
        value = figure + random.randint(2, 9) if name == changed else figure
        sheet, cell = places[name]
        shown = f"{value:.12g}"
        yield {
            "department": before.name,
            "field": name,
            "label": FIELDS[name].label,
            "raw": shown,
            "value": shown,
            "sheet": sheet,
            "cell": cell,
            "source_file": f"{before.name}.xlsx",
        }


def _findings(seed: int, before: _Before) -> Iterator[dict[str, str]]:
    """Give what was found last year: some of what is wrong again this year."""
    random = chance(seed, before.name, "found last year")
    for fault in FAULTS:
        if fault.rule in before.faults and random.random() < _FOUND_BEFORE:
            rule = RULE[fault.rule]
            yield dict.fromkeys(DATA["findings"], "") | {
                "department": before.name,
                "rule": rule.id,
                "severity": rule.severity.value,
                "field": fault.at,
                "message": rule.title,
                "remedy": rule.remedy,
                "source_file": f"{before.name}.xlsx",
                "standing": Standing.COUNTED.value,
            }


def _places(policy: Policy) -> dict[str, tuple[str, str]]:
    """Give sheet and cell of every field, as the form has them above its indicator rows."""
    laid = [(form, lay_out(form, None, template.words(policy))) for form in FORMS]
    return {name: (form.sheet, address(cell)) for form, layout in laid for name, cell in layout.places.items()}
