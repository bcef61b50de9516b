"""Word documents: a report that holds the annexes read into the form, and a run's figures written as documents."""
