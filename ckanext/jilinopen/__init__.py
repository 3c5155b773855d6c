"""Public-data portal of Jilin Province on top of CKAN."""

__version__ = "0.1.0"
