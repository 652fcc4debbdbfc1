"""Candidates: which pairs of records are worth a comparison at all.

Belongs here: keys, blocking rules, their caps, and copies that need none. Does not belong here: how
alike two records are (`kindred.identity.weights`).
"""
