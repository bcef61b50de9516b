"""What the circular says: the annexes, the tables, the rules, the measures and the policy of a year.

Nothing here does I/O but loading the policy, and nothing here imports ``pipeline``.
"""
