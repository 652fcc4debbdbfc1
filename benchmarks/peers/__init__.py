"""What others would do with the same file: engines and rules to be measured beside ours.

Each is a command that reads records and writes `record_id, cluster_id`, run in a process of its
own. Belongs here: one module per peer, as its authors recommend it. Does not belong here: scores.
"""
