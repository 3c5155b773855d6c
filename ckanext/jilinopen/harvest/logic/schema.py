"""What the harvest actions take."""

from __future__ import annotations

from ckan.logic.schema import validator_args
from ckan.types import Schema, Validator, ValidatorFactory

__all__ = ["run_list", "run_show"]


@validator_args
def run_list(
    ignore_missing: Validator,
    unicode_safe: Validator,
    natural_number_validator: Validator,
    default: ValidatorFactory,
    limit_to_configured_maximum: ValidatorFactory,
) -> Schema:
    """``source_id`` (optional name or id), ``limit`` and ``offset``."""
    return {
        "source_id": [ignore_missing, unicode_safe],
        "limit": [
            default(20),
            natural_number_validator,
            limit_to_configured_maximum("ckan.search.rows_max", 1000),
        ],
        "offset": [default(0), natural_number_validator],
    }


@validator_args
def run_show(not_empty: Validator, unicode_safe: Validator) -> Schema:
    """``id`` of the run."""
    return {"id": [not_empty, unicode_safe]}
