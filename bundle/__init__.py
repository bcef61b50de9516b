"""What is handed to an office without internet: the program, its libraries, and a file to start it with.

``python -m bundle`` makes it; `bundle/start.py` is what runs there, with nothing but Python itself.
"""
