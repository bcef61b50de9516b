"""The commands of ``jixiao``, a module each: what it takes, and what it does.

A command imports what it needs when it runs: `--help` must not wait for pandas.
"""

from pipeline.commands import check, demo, evaluate, explain, policy, rules, serve, templates

COMMANDS = (evaluate, check, serve, templates, demo, explain, policy, rules)
"""In the order in which the help lists them."""
