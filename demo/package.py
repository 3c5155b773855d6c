"""From a sample record of the province to the dictionary that ``package_create`` takes. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ckanext.jilinopen.catalogue import crosswalk, vocabulary
from ckanext.jilinopen.catalogue.naming import dataset_name
from demo.files import build
from demo.records import File, Record
from demo.rows import MARK

__all__ = ["file_name", "package_dict", "package_id", "published", "resource_id"]

_NAMESPACE = uuid5(NAMESPACE_URL, "jilinopen/demo/province")
_SITE = "吉林公共信息资源开放平台"
_ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "gbk": "GBK"}
_EXTRACT = 5


def package_id(record: Record) -> str:
    """Return the id under which a record is stored; it never changes."""
    return str(uuid5(_NAMESPACE, record.record_id))


def resource_id(file: File) -> str:
    """Return the id under which a record's file is stored; it never changes."""
    return str(uuid5(_NAMESPACE, file.file_id))


def published(record: Record) -> Record:
    """Return a record with the files that everybody may have.

    Of a conditional dataset that is one file with its first rows: the rest is for applicants.
    """
    if not record.conditional or record.sheet is None:
        return record
    file = record.files[0]
    extract = replace(file, name=file.name.replace(f"_{MARK}", f"_样例_{MARK}"))
    return replace(
        record,
        files=(extract,),
        sheet=replace(record.sheet, rows=_EXTRACT),
        row_count=str(_EXTRACT),
    )


def file_name(record: Record, file: File) -> str:
    """Return the name of the stored file: CKAN keeps only the ASCII letters of a file name."""
    return f"{dataset_name(record.title, record.record_id)}.{file.format}"


def package_dict(record: Record) -> dict[str, Any]:
    """Return a record as ``package_create`` takes it.

    Args:
        record: a record of ``demo.catalogue.province`` as ``published`` returns it.

    Returns:
        A dictionary with our scheming fields and with resources that are marked as uploads;
        their bytes are stored separately.

    Raises:
        ValueError: the provider is missing from ``schemas/vocabularies/departments.csv``.
    """
    department = vocabulary.department_named(record.official_department)
    if department is None:
        raise ValueError(
            f"部门“{record.official_department}”不在 schemas/vocabularies/departments.csv 中；"
            "请补充该部门，或修改 demo/data/departments.csv"
        )
    return {
        "id": package_id(record),
        "name": dataset_name(record.title, record.record_id),
        "type": "dataset",
        "title": record.title,
        "notes": record.description,
        "owner_org": department.name,
        "private": False,
        "groups": [
            {"name": slug} for label in record.themes for slug in crosswalk.match_theme(label)
        ],
        "tags": [{"name": tag} for tag in record.tags],
        "frequency": crosswalk.match_frequency(record.frequency) or "unknown",
        "issued": record.released[:10],
        "modified": _moment(record.updated),
        "contact": [
            {
                "name": f"{record.official_department}数据开放联络处",
                "phone": record.phone,
                "email": record.email,
            }
        ],
        "jl_class": "307",
        "jl_resource_code": _resource_code(record),
        "provenance": f"{MARK}，由{_SITE}的演示程序生成，不代表真实情况。",
        "jl_region": record.region_code,
        "jl_industry": [c for name in record.industries for c in crosswalk.match_industry(name)],
        "jl_items": [
            {
                "name": column.name,
                "label_zh": column.label,
                "data_type": column.data_type,
                "length": column.length,
            }
            for column in record.columns
        ],
        "resources": [_resource(record, file) for file in record.files],
        **_openness(record),
    }


def _moment(text: str) -> str:
    return f"{text.replace(' ', 'T')}+08:00"


def _resource_code(record: Record) -> str:
    """Return class 307 (provinces), 022 Jilin, the department and a number, as the guide says."""
    number = int(record.record_id[:7], 16)
    return f"307022{int(record.department_code[-4:]):06d}/{number:09d}"


def _openness(record: Record) -> dict[str, Any]:
    """Return the fields about sharing, openness, licence and protection, which agree."""
    if not record.conditional:
        return {
            "jl_share_type": "1",
            "jl_share_method": "2",
            "jl_open_type": "unconditional",
            "jl_open_method": ["download", *(["api"] if record.services else [])],
            "license_id": "jilin-open-1.0",
            "jl_data_level": "general",
            "jl_sensitivity": "L1",
            "jl_pi_declaration": "none",
        }
    return {
        "jl_share_type": "2",
        "jl_share_condition": "经提供单位同意后共享。",
        "jl_share_method": "2",
        "jl_open_type": "conditional",
        "jl_open_condition": record.open_condition,
        "jl_open_scope": "已实名注册的自然人、法人和其他组织",
        "jl_use_purpose": "科学研究、产品开发和公共服务",
        "jl_open_method": ["download"],
        "license_id": "jilin-conditional",
        "jl_data_level": "general",
        "jl_sensitivity": "L2",
        "jl_pi_declaration": "none",
    }


def _resource(record: Record, file: File) -> dict[str, Any]:
    content = build(record, file)
    resource = {
        "id": resource_id(file),
        "name": file.name,
        "url": file_name(record, file),
        "url_type": "upload",
        "format": file.format,
        "description": f"{record.title}，共{record.row_count}行。{MARK}。",
        "size": len(content),
        "hash": hashlib.sha256(content).hexdigest(),
        "modified": _moment(record.updated),
        "jl_row_count": int(record.row_count),
        "jl_col_count": len(record.columns),
    }
    if file.format == "csv":
        resource["jl_encoding"] = _ENCODINGS[file.encoding]
    if any(column.maker == "lon" for column in record.columns):
        resource["jl_crs"] = "WGS84"
    return resource
