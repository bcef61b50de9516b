"""Run work in processes with limits of time and memory: local ones, or those of a Dask scheduler."""
