"""Every regular expression of the program, and texts built to make it slow."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

import pipeline
import schemas
from pipeline import guard
from pipeline.reading import labels
from pipeline.workbooks.returned import comments
from schemas.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

WAYS = frozenset({"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"})
_COMMON = "1a中 "
"""A figure, a letter, a word and a space: one of them is in most classes of characters."""
_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


@dataclass(frozen=True)
class Used:
    """A regular expression of the program: where it stands, and the ways in which it is asked."""

    place: str
    pattern: re.Pattern[Any]
    ways: frozenset[str]


def modules() -> list[ModuleType]:
    """Give every module of `schemas` and `pipeline`, imported; `pipeline.__main__` runs the command and is left out."""
    names = [
        each.name
        for package in (schemas, pipeline)
        for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not each.name.endswith("__main__")
    ]
    return [importlib.import_module(name) for name in names]


def used() -> tuple[list[Used], list[str]]:
    """Give every regular expression that stands in the source of a module, and the places of those made as it runs."""
    found, made = [], []
    sources = {module: Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules()}
    everything = "\n".join(sources.values())
    for module, source in sources.items():
        for name, call in _calls(ast.parse(source)):
            place = f"{module.__name__}:{call.lineno} {name}".strip()
            try:
                code = compile(ast.Expression(call.args[0]), place, "eval")
                pattern = re.compile(eval(code, dict(vars(module))), _flags(call, module))  # noqa: S307 - our own source
            except NameError:
                made.append(place)
                continue
            way = call.func.attr  # type: ignore[attr-defined]
            found.append(
                Used(
                    place,
                    pattern,
                    frozenset({way})
                    if way in WAYS
                    else _ways(name, everything if name.isupper() and name[0] != "_" else source),
                )
            )
    return found, made


def made_as_it_runs() -> dict[str, list[Used]]:
    """Give the regular expressions that are made while the program runs, by the module that makes them."""
    prefixes = {"v": "v", "o": "o", "x": "x"}
    boxes = [each.format_map(prefixes) for each in (comments.BOX, comments.PLACE, 'xmlns:([\\w.-]+)="urn:{v}"')]
    begins = [re.compile(magic, re.DOTALL) for magic, _ in guard._MAGIC]  # noqa: SLF001 - there it is made of these
    prompts = [labels._prompts_of(form) for form in FORMS]  # noqa: SLF001 - each form has its own
    made: dict[str, tuple[str, list[re.Pattern[Any]]]] = {
        "pipeline.guard": ("match", begins),
        "pipeline.reading.labels": ("match", prompts),
        "pipeline.workbooks.returned.comments": ("search", [re.compile(each.encode(), re.DOTALL) for each in boxes]),
    }
    return {place: [Used(place, each, frozenset({way})) for each in several] for place, (way, several) in made.items()}


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Give each call that makes a regular expression, with the name that it is given, "" for none."""
    names = {
        id(node.value): ast.unparse(node.targets[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
    }
    functions = {f"re.{way}" for way in {"compile", *WAYS}}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in functions:
            yield names.get(id(node), ""), node


def _flags(call: ast.Call, module: ModuleType) -> int:
    """Give the flags of a call, which stand behind the pattern or by name."""
    attribute = call.func.attr  # type: ignore[attr-defined]
    stated = [each.value for each in call.keywords if each.arg == "flags"]
    behind = {"compile": 1, "match": 2, "fullmatch": 2, "search": 2, "findall": 2, "finditer": 2}.get(attribute, 9)
    stated += call.args[behind : behind + 1]
    return int(eval(compile(ast.Expression(stated[0]), "", "eval"), dict(vars(module)))) if stated else 0  # noqa: S307


def _ways(name: str, everything: str) -> frozenset[str]:
    """Give the ways in which the pattern of a name is asked, or any pattern where it has none; all if not plain."""
    asked = re.escape(name) if name else r"(?!re\b)\w+"
    return frozenset(re.findall(rf"\b{asked}\.(\w+)", everything)) & WAYS or WAYS


def hostile_texts(pattern: re.Pattern[Any], length: int) -> Iterator[Any]:
    """Give texts of about a length that repeat what a pattern repeats, and break off as it does not expect."""
    chance = random.Random(repr(pattern.pattern))
    parsed = _parser.parse(pattern.pattern, pattern.flags)
    characters = sorted(set(_characters(parsed)) | set(_COMMON))
    chance.shuffle(characters)
    units = dict.fromkeys([*_units(parsed, chance), *characters[:40]])
    units |= dict.fromkeys("".join(chance.sample(characters, 2)) for _ in range(40))
    begins = ["", *{_sample(parsed, chance)[:20] for _ in range(2)}]
    ends = ["", "\0", "\n", *characters[:1]]
    for unit in filter(None, units):
        for begin in begins:
            for end in ends:
                text = begin + unit * (length // len(unit)) + end
                yield text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")


def _units(parsed: Any, chance: random.Random) -> Iterator[str]:
    """Give texts of each part of a pattern that may come again, of each of its alternatives, and of its beginnings."""
    for operation, value in parsed:
        if operation in _REPEATS:
            yield from (_sample(value[2], chance) for _ in range(3))
            yield from _units(value[2], chance)
        elif operation is sre.BRANCH:
            for branch in value[1]:
                yield _sample(branch, chance)
                yield from _units(branch, chance)
        elif operation is sre.SUBPATTERN:
            yield from _units(value[3], chance)
        elif operation in {sre.ASSERT, sre.ASSERT_NOT}:
            yield from _units(value[1], chance)
        elif operation is sre.ATOMIC_GROUP:
            yield from _units(value, chance)
    yield from (_sample(list(parsed)[: end + 1], chance) for end in range(min(len(parsed), 30)))


def _sample(parsed: Any, chance: random.Random) -> str:
    """Give a text that a part of a pattern matches, but for what it looks ahead and back for."""
    pieces = []
    for operation, value in parsed:
        if operation in _REPEATS:
            low, high, body = value
            pieces += [_sample(body, chance) for _ in range(min(max(low, 1), high, 20))]
        elif operation is sre.BRANCH:
            pieces.append(_sample(chance.choice(value[1]), chance))
        elif operation is sre.SUBPATTERN:
            pieces.append(_sample(value[3], chance))
        elif operation is sre.ATOMIC_GROUP:
            pieces.append(_sample(value, chance))
        else:
            possible = list(_characters([(operation, value)]))
            pieces += chance.sample(possible, min(len(possible), 1))
    return "".join(pieces)


def _characters(parsed: Any) -> Iterator[str]:
    """Give the characters that stand in a pattern, some for each class of them."""
    for operation, value in parsed:
        if operation is sre.LITERAL:
            yield chr(value)
        elif operation is sre.IN:
            yield from _members(value)
        elif operation is sre.NOT_LITERAL or operation is sre.ANY:
            yield from (each for each in _COMMON if ord(each) != value)
        elif operation in _REPEATS:
            yield from _characters(value[2])
        elif operation is sre.BRANCH:
            yield from (character for branch in value[1] for character in _characters(branch))
        elif operation is sre.SUBPATTERN:
            yield from _characters(value[3])
        elif operation in {sre.ASSERT, sre.ASSERT_NOT}:
            yield from _characters(value[1])
        elif operation is sre.ATOMIC_GROUP:
            yield from _characters(value)


@cache
def _of_category(category: Any) -> str:
    """Give characters of the class that a letter stands for."""
    escaped = {
        sre.CATEGORY_DIGIT: "1",
        sre.CATEGORY_NOT_DIGIT: "a中 ",
        sre.CATEGORY_SPACE: " \n",
        sre.CATEGORY_NOT_SPACE: "1a中",
        sre.CATEGORY_WORD: "1a中",
        sre.CATEGORY_NOT_WORD: " -",
    }
    return escaped[category]


def _members(members: list[Any]) -> Iterator[str]:
    """Give characters of a class in brackets."""
    written = re.compile("[" + "".join(_written(each) for each in members) + "]")
    named = [chr(value) for operation, value in members if operation is sre.LITERAL]
    named += [chr(each) for operation, value in members if operation is sre.RANGE for each in value]  # its ends
    named += [each for operation, value in members if operation is sre.CATEGORY for each in _of_category(value)]
    yield from (each for each in dict.fromkeys([*named, *_COMMON, *"\n-=/"]) if written.match(each))


def _written(member: tuple[Any, Any]) -> str:
    """Write one member of a class in brackets as a pattern has it."""
    operation, value = member
    if operation is sre.NEGATE:
        return "^"
    if operation is sre.LITERAL:
        return f"\\U{value:08x}"
    if operation is sre.RANGE:
        return f"\\U{value[0]:08x}-\\U{value[1]:08x}"
    return {
        sre.CATEGORY_DIGIT: r"\d",
        sre.CATEGORY_NOT_DIGIT: r"\D",
        sre.CATEGORY_SPACE: r"\s",
        sre.CATEGORY_NOT_SPACE: r"\S",
        sre.CATEGORY_WORD: r"\w",
        sre.CATEGORY_NOT_WORD: r"\W",
    }[value]
