"""Write the documentation pages that the program makes of itself."""
