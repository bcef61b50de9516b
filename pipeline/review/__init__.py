"""Apply the reviewer's decisions: what may be decided, which decisions hold, and what follows from them."""
