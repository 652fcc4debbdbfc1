"""Codes: people as columns of numbers, and fast work on such columns.

Belongs here: what every later step builds on. Does not belong here: anything about what a value
means.
"""
