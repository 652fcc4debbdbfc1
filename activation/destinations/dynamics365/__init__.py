"""Dynamics 365 as a destination (Dataverse Web API).

Belongs here: the OData protocol for writing. Does not belong here: which rows; that is the plan's.
"""
