"""The policy by which a fiscal year is evaluated, and its files; each number has its source beside it."""

from schemas.policy.files import POLICIES, as_table, load, read, years
from schemas.policy.mistakes import CRITERIA, Mistake, PolicyError, policy_from
from schemas.policy.model import (
    FULL_MARKS,
    Alarms,
    Linear,
    Lookup,
    OtherSeverity,
    Policy,
    Qualitative,
    ReferencePoints,
    WholeSteps,
)

__all__ = [
    "CRITERIA",
    "FULL_MARKS",
    "POLICIES",
    "Alarms",
    "Linear",
    "Lookup",
    "Mistake",
    "OtherSeverity",
    "Policy",
    "PolicyError",
    "Qualitative",
    "ReferencePoints",
    "WholeSteps",
    "as_table",
    "load",
    "policy_from",
    "read",
    "years",
]
