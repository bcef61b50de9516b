"""Parse the texts of the form: labels, numbers, units, targets, answers and goals."""
