"""Read one file: its bytes become a submission with facts, indicator rows and reading findings."""
