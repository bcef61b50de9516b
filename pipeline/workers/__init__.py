"""Run work in processes with limits of time and memory: local processes or Dask."""
