"""Define the commands of ``jixiao``, one module each: the options it takes and what it does.

A command imports what it needs when it runs, so that `--help` does not wait for pandas.
"""

from pipeline.cli import (
    check,
    demo,
    evaluate,
    explain,
    forms,
    import_word,
    policy,
    report,
    rules,
    schemas,
    serve,
    status,
    templates,
    watch,
)

COMMANDS = (
    evaluate,
    status,
    watch,
    check,
    serve,
    templates,
    forms,
    import_word,
    report,
    demo,
    explain,
    policy,
    rules,
    schemas,
)
"""In the order in which the help lists them."""
