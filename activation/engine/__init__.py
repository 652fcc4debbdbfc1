"""The activation engine: plan, send, record. `activation.engine.run.run` is the door.

Belongs here: what is the same for every destination. Does not belong here: any destination's
protocol, and who belongs to an audience; that is dbt's.
"""
