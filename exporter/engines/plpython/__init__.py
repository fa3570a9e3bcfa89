"""PL/Python: a plan runs in a database's own Python, with numpy."""
