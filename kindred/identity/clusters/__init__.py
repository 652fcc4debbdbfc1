"""Clusters: which records are one person.

Belongs here: rules and decisions over weights, linkage, and guards against merging too much. Does
not belong here: which id a person has (`kindred.identity.permanent_ids`).
"""
