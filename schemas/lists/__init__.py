"""Declare the bureau's lists and the program's own files: columns, names, how each is recognised."""
