"""Make the bundle for offices without internet: the program, its libraries, and a file that starts it.

``python -m bundle`` makes it; `bundle/start.py` runs at the office and needs only Python.
"""
