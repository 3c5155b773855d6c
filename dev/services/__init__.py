"""The background services, one module each."""
