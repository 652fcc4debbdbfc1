"""Rules: what a company says of its own data (`rules.yml`), read and checked."""
