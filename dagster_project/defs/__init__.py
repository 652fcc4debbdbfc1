"""Wiring only: which asset depends on which, when it runs and who owns it. No rule lives here."""
