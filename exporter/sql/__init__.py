"""SQL as text: quoting, templates, and the script of named statements."""
