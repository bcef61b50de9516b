"""Take in the inbox: list its files, read them, decide whose each is and which one counts."""
