"""Everything a checkout needs to run without containers; standard library only."""
