"""The other names of what a form prints, from the TOML beside its declaration: one file a form, for all editions."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.forms.check_form import FormError
from schemas.forms.model import OtherNames
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent

_Words = dict[str, tuple[str, ...]]


class NamesBySection(BaseModel):
    """Words as the form prints them → their other names, by what of the form they are."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    prompts: _Words = Field(default_factory=dict)
    heads: _Words = Field(default_factory=dict)
    rows: _Words = Field(default_factory=dict)
    levels: _Words = Field(default_factory=dict)

    def with_own(self, own: NamesBySection | None) -> Mapping[str, _Words]:
        """Give the sections, with those of one edition in the place of what they name too."""
        return {name: dict(getattr(self, name)) | (getattr(own, name) if own else {}) for name in SECTIONS}


SECTIONS = tuple(NamesBySection.model_fields)
"""What has other names, the title apart: prompts, heads, words of rows, first- and second-level indicators."""


class _File(NamesBySection):
    title: tuple[str, ...]
    not_ours: tuple[str, ...] = ()
    editions: dict[str, NamesBySection] = Field(default_factory=dict)


def other_names(form: str, edition: str) -> OtherNames:
    """Give the other names of an edition of a form; what stands under ``editions`` is for that one alone.

    Raises:
        FormError: the file is no TOML or has sections that there are not.
    """
    path = FOLDER / f"{form}.toml"
    found = _read(path)
    sections = found.with_own(found.editions.get(edition))
    return OtherNames(
        path.name,
        found.title,
        MappingProxyType(
            {
                section: MappingProxyType({normalise_label(words): names for words, names in listed.items()})
                for section, listed in sections.items()
            }
        ),
        frozenset(map(normalise_label, found.not_ours)),
    )


def editions_named(form: str) -> frozenset[str]:
    """Give the editions for which the file of a form has names of their own."""
    return frozenset(_read(FOLDER / f"{form}.toml").editions)


@cache
def _read(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise FormError(f"{path.name}: {error}") from error
    except ValidationError as error:
        told = (f"{path.name}, [{'.'.join(map(str, each['loc']))}]: {each['msg']}" for each in error.errors())
        raise FormError("\n".join(told)) from error
