"""Judge indicators, assign weights, award points, and compute measures, grades and alarms."""
