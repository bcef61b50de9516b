"""The tables of a run → every file that is written: workbooks of departments, the county's, what waits, and data."""

from __future__ import annotations

import hashlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pipeline import export, returned, review_book, scored, summary, tabulate, template, waivers
from pipeline.case import Case
from pipeline.changes import COLUMNS as CHANGES
from pipeline.county import County
from pipeline.executor import CHUNK
from pipeline.grade import SUMMARY
from pipeline.guard import Refused, content
from pipeline.lines import by_rule, lines
from schemas import tables
from schemas.returned import FOLDER as RETURNED
from schemas.review import FILE
from schemas.rules import RULE, RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Executor
    from pathlib import Path

    import pandas as pd

    from pipeline.run import Given, Tables
    from schemas.policy import Policy

CSV: Mapping[str, Callable[[pd.DataFrame], bytes]] = MappingProxyType({"csv": export.csv})
"""How tables are written unless more is asked for."""

_REVIEWED = ("reviewed", "review")
DATA = {
    "submissions": ["department", "fiscal_year", "source_file", "sha256", "status", "reason"],
    "facts": ["department", "field", "label", "raw", "value", "sheet", "cell", "source_file"],
    "indicators": [
        *(name for name in tables.INDICATORS.columns if name not in _REVIEWED),
        "criterion",
        "filed_weight",
        "target_cell",
        "actual_cell",
        "source_file",
        *_REVIEWED,
    ],
    "findings": list(tables.FINDINGS.columns),
    "measures": list(tables.MEASURES.columns),
    "scores": list(tables.SCORES.columns),
    "summary": SUMMARY,
    "changes": CHANGES,
    "reviews": list(tables.REVIEWS.columns),
    "reference": list(tables.REFERENCE.columns),
    "alarms": list(tables.ALARMS.columns),
    "county": list(tables.COUNTY.columns),
}
"""The CSV files of the contract and their columns."""


def workbooks(
    pool: Executor, found: Tables, policy: Policy, given: Given, inbox: Path, step: Callable[[], None]
) -> dict[str, bytes]:
    """Write every file of the run in memory: its name below the year's folder and its bytes."""
    names = export.file_names(sorted(set(found.facts["department"])))
    listed = lines(found.findings)
    every = list(cases(found, listed, policy))
    files = {}
    for case, book in zip(every, pool.map(scored.workbook, every, chunksize=CHUNK), strict=True):
        files[f"部门评分/{names[case.department]}.xlsx"] = book
        step()
    sent = dict(zip(found.submissions["source_file"], found.submissions["sha256"], strict=True))
    faulty = [case for case in every if returned.due(case.findings)]
    sources = [(inbox / case.source_file, sent[case.source_file]) for case in faulty]
    for case, back in zip(faulty, pool.map(_back, faulty, sources, chunksize=CHUNK), strict=True):
        if back is not None:
            files[f"{RETURNED}/{names[case.department]}.xlsx"] = back
    links = {department: f"external:部门评分/{name}.xlsx" for department, name in names.items()}
    files[FILE] = review_book.workbook(tabulate.records(found.reviews), found.stamps, policy.year)
    files["全县汇总.xlsx"] = summary.workbook(_county(found, listed, policy, given, links))
    return files


def data(found: Tables, formats: Mapping[str, Callable[[pd.DataFrame], bytes]]) -> dict[str, bytes]:
    """Write every table of the contract in every format."""
    return {
        f"data/{name}.{ending}": write(getattr(found, name)[columns])
        for name, columns in DATA.items()
        for ending, write in formats.items()
    }


def _back(case: Case, source: tuple[Path, str]) -> bytes | None:
    """Mark a return that goes back; None for one that was changed or taken away while the run went on."""
    path, sha256 = source
    try:
        sent = content(path)
    except (OSError, Refused):
        return None
    if hashlib.sha256(sent).hexdigest() != sha256:
        return None
    return returned.workbook(
        sent, case.lines, case.findings, returned.About(case.department, case.year, case.source_file)
    )


def _by_department(table: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in tabulate.records(table):
        grouped.setdefault(row["department"], []).append(row)
    return grouped


def cases(found: Tables, listed: pd.DataFrame, policy: Policy) -> Iterator[Case]:
    """Give what the workbook of each department shows, in the order of the summary."""
    names = ("facts", "indicators", "measures", "scores", "findings", "reference", "alarms")
    grouped = {name: _by_department(getattr(found, name)) for name in names} | {"lines": _by_department(listed)}
    sources = dict(zip(found.facts["department"], found.facts["source_file"], strict=True))
    bands = policy.qualitative
    for row in tabulate.records(found.summary):
        department = row["department"]
        if department not in sources:
            continue
        part = {name: rows.get(department, []) for name, rows in grouped.items()}
        yield Case(
            department=department,
            year=policy.year,
            source_file=sources[department],
            forms=found.forms[department],
            words=template.words(policy),
            criteria=[(each.name, each.label, each.weight) for each in policy.criteria],
            grades=[(each.word, each.points_from) for each in policy.grades],
            bands={
                name: (getattr(bands, name).low, getattr(bands, name).high) for name in ("missed", "partly", "achieved")
            },
            summary=row,
            scores=part["scores"],
            facts=part["facts"],
            rows=part["indicators"],
            measures=part["measures"],
            findings=part["findings"],
            lines=part["lines"],
            reference={row["measure"]: row for row in part["reference"]},
            alarm=part["alarms"][0],
        )


def _county(found: Tables, listed: pd.DataFrame, policy: Policy, given: Given, links: dict[str, str]) -> County:
    ranked = {name: place for place, name in enumerate(found.summary["department"])}
    departments = sorted(tabulate.records(found.departments), key=lambda row: ranked[row["department"]])
    idle = waivers.idle(waivers.named(given.waivers, given.roster), found.findings, policy.year)
    return County(
        policy=policy,
        summary=tabulate.records(found.summary),
        departments=departments,
        indicators=tabulate.records(found.indicators),
        measures=tabulate.records(found.measures),
        lines=tabulate.records(listed),
        rules=tabulate.records(by_rule(found.findings, len(departments), RULES)),
        idle_waivers=[(each.department, RULE[each.rule].title, why) for each, why in idle],
        submissions=tabulate.records(found.submissions),
        changes=tabulate.records(found.changes),
        reference={(row["department"], row["measure"]): row for row in tabulate.records(found.reference)},
        alarms=tabulate.records(found.alarms),
        rates=tabulate.records(found.county),
        exempt=[member.name for member in given.roster.members if not member.required and member.name not in ranked],
        with_roster=bool(given.roster.members),
        links=links,
    )
