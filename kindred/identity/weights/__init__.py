"""Weights: how alike two records are, and what that is worth.

Belongs here: levels of agreement per field, how often chance brings them about, the model and its
learning. Does not belong here: which records are one person (`kindred.identity.clusters`).
"""
