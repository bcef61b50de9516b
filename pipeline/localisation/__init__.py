"""Find the figures that are wrong: the fewest whose change makes every relation of the form hold (Fellegi and Holt)."""
