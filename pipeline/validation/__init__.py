"""Run the register of rules over all departments and turn breaches into findings."""
