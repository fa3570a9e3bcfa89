"""What runs a plan: here, and inside a database."""
