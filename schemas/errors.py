"""What whoever runs the program must mend: one kind of error, told in Chinese, that ends a command with status 2."""

from __future__ import annotations


class MistakeError(ValueError):
    """Something given to a command that it cannot use; the message says what is wrong and what to do, in Chinese."""
