"""The index: a full run's state that takes in what changed, and asks who somebody is.

Belongs here: everything that lasts from day to day in one process. Does not belong here: what a
full run does alike, which it takes from the other folders.
"""
