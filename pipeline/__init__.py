"""How the circular is carried out: intake, reading, checking, scoring, writing."""
