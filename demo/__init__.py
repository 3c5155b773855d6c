"""Sample data and simulated municipal portals: what ``make demo`` and the tests run against.

Everything in here is made up and marked as such (示例数据).
"""
