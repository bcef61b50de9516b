"""Measure what a run costs against what the libraries cost by themselves: ``make bench``."""
