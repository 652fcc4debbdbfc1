"""Servers that speak the sandbox company's systems' real protocols, on loopback only.

`serve(folder)` blocks until a signal; `running(folder)` is a context manager for tests. Belongs
here: protocols, state, misbehaviour and the web page. Does not belong here: inventing the company.
"""

from ingestion.sandbox.servers.running import DEFAULT_PORTS, TLS, Handle, running, serve

__all__ = ["DEFAULT_PORTS", "TLS", "Handle", "running", "serve"]
