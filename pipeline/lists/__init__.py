"""Read the bureau's lists: roster, waivers, reviewer's decisions, and last year's results."""
