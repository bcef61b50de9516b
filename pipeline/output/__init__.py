"""Write results: files, CSV, publishing a run as a whole, the cache, reading results back."""
