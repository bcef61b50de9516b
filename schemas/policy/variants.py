"""What public sources have in place of parts of a policy: other weights, grades and reference points."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from schemas.policy.files import VARIANTS, as_table, parsed
from schemas.policy.mistakes import listed, policy_from
from schemas.policy.model import Policy


class Variant(NamedTuple):
    """A part of a policy as a public source has it.

    Attributes:
        name: what it is called on the command line.
        title: what people call it.
        source: where it stands.
        certainty: how sure that is, and what was not found.
        parts: what takes the place of the policy's own parts.
    """

    name: str
    title: str
    source: str
    certainty: str
    parts: dict[str, Any]

    def applied(self, policy: Policy) -> Policy:
        """Give a policy with these parts in place of its own; its sha256 is that of no file."""
        found = policy_from(as_table(policy) | self.parts, year=policy.year)
        if not isinstance(found, Policy):
            raise listed(f"variants/{self.name}.toml", found)
        return found


@cache
def variants() -> tuple[Variant, ...]:
    """Give every variant there is, in the order of their names."""
    return tuple(_variant(path.stem, path.read_bytes()) for path in sorted(VARIANTS.glob("*.toml")))


def _variant(name: str, content: bytes) -> Variant:
    table = parsed(f"variants/{name}.toml", content)
    about = table.pop("about")
    return Variant(name, about["title"], about["source"], about["certainty"], table)
