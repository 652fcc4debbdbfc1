"""Salesforce as a destination (sObject Collections).

Belongs here: the REST protocol for writing. Does not belong here: which rows; that is the plan's.
"""
