"""The pages that citizens, companies and researchers see."""
