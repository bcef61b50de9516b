"""Errors that end a command and are told in Chinese: what whoever runs it must mend, and what the system refuses."""

from __future__ import annotations


class MistakeError(ValueError):
    """Something given to a command that it cannot use ; the message says what is wrong and what to do, in Chinese."""


class NoProcessError(Exception):
    """The system starts no process or thread that the work needs; the message says so, in Chinese."""
