"""What the known words of a measure come to: its comparison, its change, which number it is, how approximate."""

from __future__ import annotations

from schemas.text.model import DOWNWARDS, UPWARDS, About, Comparison
from schemas.text.vocabulary import Role, Word

Said = dict[Role, list[tuple[str, Word]]]
"""The words of a text by what they do in it, each as written and as the table has it."""


class UnknownError(Exception):
    """A piece of a text that no table knows, or that contradicts another; ``words`` are that piece."""

    @property
    def words(self) -> str:
        """The piece as written."""
        return str(self.args[0])


def _words(said: Said, role: Role) -> list[str]:
    return [text for text, _ in said.get(role, ())]


def _only(said: Said, role: Role) -> Word | None:
    """Give the one word of a role; two of them are not understood."""
    found = said.get(role, [])
    if len(found) > 1:
        raise UnknownError("、".join(_words(said, role)))
    return found[0][1] if found else None


def comparison_of(said: Said, *, between: bool, actual: bool) -> Comparison:
    """Give the one comparison that all words come to.

    达到 and 控制在 yield to a word that compares (以上, 以内), and 降至 must go the same way as it does. In an actual
    达到 and 降至 tell what was reached and compare nothing.

    Raises:
        UnknownError: words that contradict each other, or decide nothing where something must be decided.
    """
    words = _words(said, Role.COMPARISON)
    if "以" in _words(said, Role.FILLER) and not any(word.startswith("为") for word in words):
        raise UnknownError("以")
    named = [Comparison(word.key) for _, word in said.get(Role.COMPARISON, ())]
    if named:
        if between or not (len(named) == 1 or set(named) <= set(UPWARDS) or set(named) <= set(DOWNWARDS)):
            raise UnknownError("、".join(words))
        level = _only(said, Role.LEVEL)
        if level and (level.key in UPWARDS) != (named[0] in UPWARDS):
            raise UnknownError("、".join([*_words(said, Role.LEVEL), *words]))
        return named[0]
    if between:
        return Comparison.BETWEEN
    return _level(said, actual=actual)


def _level(said: Said, *, actual: bool) -> Comparison:
    """Give the comparison of a word that says to which level, where no word compares."""
    level, held = _only(said, Role.LEVEL) or _only(said, Role.REACHED), _only(said, Role.HELD)
    if Role.KEPT in said:
        raise UnknownError(_words(said, Role.KEPT)[0])
    if held:
        return Comparison(held.key)
    return Comparison(level.key) if level and not actual else Comparison.NONE


def change_of(said: Said, *, in_points: bool) -> tuple[str, str]:
    """Say whether the number tells a change, and from when; by points is another change than by percent.

    Raises:
        UnknownError: two changes, or a time with which nothing is compared.
    """
    change, since = _only(said, Role.CHANGE), _only(said, Role.SINCE)
    if since and not change:
        raise UnknownError(_words(said, Role.SINCE)[0])
    if not change:
        return "", ""
    return change.key + ("_points" if in_points else ""), since.key if since else ""


def which_of(said: Said) -> str:
    """Say which number is meant, "new" or "total"; 累计新增 is a total too."""
    keys = {word.key for _, word in said.get(Role.WHICH, ())}
    return "total" if "total" in keys else "new" if keys else ""


def about_of(said: Said, comparison: Comparison, *, actual: bool) -> About:
    """Say how an actual is approximate.

    Raises:
        UnknownError: an approximate target, or a bound that is approximate.
    """
    about = _only(said, Role.ABOUT)
    if about and (not actual or comparison is not Comparison.NONE):
        raise UnknownError(_words(said, Role.ABOUT)[0])
    return About(about.key) if about else About.NONE
