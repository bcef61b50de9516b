"""Draw the blank form with its live checks, and the same form filled in."""
