"""What people are told about wrong settings, in Chinese and with the name of the setting."""

from __future__ import annotations

import pytest
from flask_babel import force_locale

from ckanext.jilinopen.harvest import messages
from ckanext.jilinopen.harvest.sources import SourceError, validated_config


@pytest.mark.usefixtures("with_plugins", "with_request_context")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"family": "odweb", "divison": "220100"}', ["divison", "没有"]),
        ("{}", ["family", "缺少"]),
        ('{"family": "odweb", "removal": "xx"}', ["removal", "xx"]),
        ('{"family": "odweb", "page_size": "ten"}', ["page_size", "int"]),
        ('{"family": "odweb", "page_size": 5000}', ["page_size", "1000"]),
        ('{"family": "odweb", "division": "长春"}', ["division", "格式"]),
        ('{"family": ', ["JSON"]),
        ('{"family": "odwebb"}', ["odwebb", "odweb", "oportal"]),
    ],
)
def test_wrong_setting_is_named_in_chinese(text, words):
    with force_locale("zh_Hans_CN"):
        with pytest.raises(SourceError) as caught:
            validated_config(text, "city")
        said = messages.source_problem(caught.value.code, "city", caught.value.cause)
    for word in ["city", *words]:
        assert word in said
    for leftover in ("Expected", "Invalid", "Object", "malformed", "`"):
        assert leftover not in said
