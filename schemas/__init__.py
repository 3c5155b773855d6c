"""Schema files and vocabulary tables, installed as package data."""
