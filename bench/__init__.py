"""Figures that the project claims, each beside the peer it is measured against."""
