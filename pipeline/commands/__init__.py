"""The commands of ``jixiao``, a module each: what it takes, and what it does.

A command imports what it needs when it runs: `--help` must not wait for pandas.
"""

from pipeline.commands import (
    check,
    demo,
    evaluate,
    explain,
    importing,
    policy,
    report,
    rules,
    serve,
    status,
    templates,
    watch,
)

COMMANDS = (evaluate, status, watch, check, serve, templates, importing, report, demo, explain, policy, rules)
"""In the order in which the help lists them."""
