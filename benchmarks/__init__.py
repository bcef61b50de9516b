"""What a run costs, held against what the libraries under it cost themselves: ``make bench``."""
