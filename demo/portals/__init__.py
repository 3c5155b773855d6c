"""Simulated municipal portals: one module a family, see ``odweb`` and ``oportal`` for the routes.

``server.PortalServer`` runs one in a thread; ``python -m demo.portals --help`` runs one for good.
"""
