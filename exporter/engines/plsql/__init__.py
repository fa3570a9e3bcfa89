"""A graph as a PL/SQL package over UTL_NLA."""
