"""The email platform as a destination.

Belongs here: its REST protocol for writing. Does not belong here: which rows; that is the plan's.
"""
