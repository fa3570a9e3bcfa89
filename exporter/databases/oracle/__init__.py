"""Oracle through python-oracledb in thin mode: connect, deploy, verify, list, drop, examine."""
