"""The generator of the sandbox company: who exists, what they did, how each system wrote it down.

Belongs here: everything that makes the company's initial state from a seed.
Does not belong here: the servers that speak the systems' protocols (`ingestion.sandbox.servers`).
"""
