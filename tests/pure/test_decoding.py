"""What a portal sent, read as what it is."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.jilinopen.harvest.decoding import (
    Inflater,
    clean_text,
    decode_text,
    first_words,
    is_challenge,
    is_login,
    parse_html,
    parse_json,
)

HANZI = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
CHINESE = st.text(HANZI, min_size=4, max_size=40).map(lambda text: f'{{"标题": "{text}站点"}}')
STORABLE = st.text(st.characters(codec="utf-8"), max_size=60).map(clean_text)

JSL = b"<script>document.cookie=('_')+('_')+('j')+('s');location.href=location.pathname</script>"
RUISHU = b"<!DOCTYPE html><html><head><script>$_ts=window['$_ts'];</script></head><body></body>"
WZWS = (
    b"<html><head><meta charset='utf-8'></head><body><script>var wzwschallenge='x';"
    b"location='/WZWSRELw=='</script><noscript>JavaScript</noscript></body></html>"
)
LOGIN = "<html><head><title>统一身份认证</title></head><body><form><input type=Password></form>"


ENCODERS = {"gzip": gzip.compress, "deflate": zlib.compress, "identity": bytes, "": bytes}


class TestText:
    @given(CHINESE)
    def test_utf8_wins_over_a_wrong_declaration(self, text):
        for declared in ("", "utf-8", "gbk", "GB2312", "iso-8859-1", "no-such-charset"):
            assert decode_text(text.encode(), declared) == text

    @given(CHINESE)
    def test_gbk_wins_over_a_wrong_declaration(self, text):
        body = text.encode("gb18030")
        for declared in ("gbk", "gb2312", "utf-8", "iso-8859-1", "rot13"):
            assert decode_text(body, declared) == text

    @given(STORABLE)
    def test_utf8_round_trip(self, text):
        assert decode_text(text.encode()) == text.removeprefix("\ufeff")

    @given(STORABLE, st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]))
    def test_byte_order_mark_decides(self, text, codec):
        assert decode_text(text.encode(codec), "gbk") == text

    @given(st.binary(max_size=80), st.sampled_from(["", "gbk", "utf-8", "big5", "iso-8859-1"]))
    def test_any_bytes_are_read_or_refused(self, body, declared):
        try:
            text = decode_text(body, declared)
        except UnicodeError:
            return
        assert clean_text(text) == text
        assert (
            "\ufffd" not in text or "\ufffd".encode("gb18030") in body or "\ufffd".encode() in body
        )

    def test_charset_in_the_page_itself(self):
        page = "<html><head><meta http-equiv=x content='text/html; charset=big5'></head>公車</html>"
        assert "公車" in decode_text(page.encode("big5"))

    def test_latin_1_only_where_declared(self):
        body = "Réseau café".encode("latin-1")
        assert decode_text(body, "iso-8859-1") == "Réseau café"
        with pytest.raises(UnicodeError):
            decode_text(body)

    @pytest.mark.parametrize(
        "body",
        [b"\xff\x00\xfe\x80\xff", "公交".encode() + b"\xff", b"\xb9", "Привет".encode("gbk")],
    )
    def test_nothing_is_guessed_from_rubbish(self, body):
        with pytest.raises(UnicodeError):
            decode_text(body)

    @given(st.text())
    def test_clean_text_can_be_stored(self, text):
        clean = clean_text(text)
        clean.encode()
        assert "\x00" not in clean
        assert clean_text(clean) == clean
        assert clean_text("a\x00\tb\ud800\ufffe\r\n\uffff😀") == "a\tb\r\n😀"


class TestJson:
    JSON = st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | STORABLE,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STORABLE, inner, max_size=4),
        max_leaves=20,
    )

    @given(JSON, st.booleans())
    def test_round_trip(self, value, is_ascii):
        assert parse_json(json.dumps(value, ensure_ascii=is_ascii)) == value

    @pytest.mark.parametrize(
        ("text", "cause"),
        [
            ('{"a": NaN}', "NaN"),
            ("[-Infinity]", "-Infinity"),
            ("[1e999]", "number 1e999"),
            ('{"a": 1,}', "line 1 column"),
            ('{"a": "b', "line 1 column"),
            ("[" * 65 + "]" * 65, "nested too deeply"),
            ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
            ('{"a":' * 100_000, "nested too deeply"),
            ("[" + "9" * 10_000 + "]", ""),
            ("", "line 1"),
        ],
    )
    def test_refused(self, text, cause):
        with pytest.raises(ValueError, match=cause):
            parse_json(text)

    def test_tolerated(self):
        text = '\r\n{"a": 1, "a": 2, "t": "第一行\n第二行", "n\\u0000": "x\\u0000y\\ud800"}\r\n'
        assert parse_json(text) == {"a": 2, "t": "第一行\n第二行", "n": "xy"}


class TestHtml:
    def test_reads_a_page_with_its_own_declarations(self):
        page = parse_html(
            '<?xml version="1.0" encoding="GBK"?>\n<html><body>&amp;\x00<p>公交</html>'
        )
        assert page.findtext(".//p") == "公交"

    def test_loads_nothing_and_expands_nothing(self, tmp_path):
        secret = tmp_path / "secret"
        secret.write_text("secret")
        page = parse_html(
            f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}"><!ENTITY y "yyyy">]>'
            "<html><body>&x;&y;</body></html>"
        )
        assert "secret" not in page.text_content()
        assert "yyyy" not in page.text_content()

    @pytest.mark.parametrize(
        "text", ['{"a": "<html>"}', "[]", "", "公交", "<?xml version='1.0'?><a/>"]
    )
    def test_refuses_what_is_no_page(self, text):
        with pytest.raises(ValueError, match="no HTML"):
            parse_html(text)

    def test_refuses_a_page_that_the_parser_would_cut(self):
        with pytest.raises(ValueError, match="too deeply"):
            parse_html("<html><body>" + "<div>" * 5000 + "x" + "</div>" * 5000 + "<p>y</p>")

    def test_words_for_a_message(self):
        assert first_words("<html><title> 系统\n维护 </title><body>x") == "系统 维护"
        assert first_words(
            "<html><head><style>p{}</style></head><body><script>x</script>请稍候"
        ) == ("请稍候")
        assert len(first_words("公交" * 1000)) == 60


class TestDisguises:
    @pytest.mark.parametrize("body", [JSL, RUISHU, WZWS])
    def test_challenge_pages(self, body):
        assert is_challenge(200, body)

    def test_a_protected_page_with_content_is_none(self):
        assert not is_challenge(200, RUISHU + "公共数据开放".encode() * 100)
        assert not is_challenge(200, b'{"note": "__jsl_clearance"}')
        assert not is_challenge(403, b"<html>no</html>")

    @pytest.mark.parametrize("status", [412, 521])
    def test_statuses_of_firewalls(self, status):
        assert is_challenge(status, b"")

    def test_login_pages(self):
        assert is_login("/catalog", LOGIN)
        assert is_login("/cas/login", LOGIN.replace("统一身份认证", "吉林"))
        assert not is_login("/catalog", LOGIN.replace("统一身份认证", "数据目录"))
        assert not is_login("/login", "<html><title>登录</title>请稍候")


class TestInflater:
    @given(st.binary(max_size=500), st.sampled_from(sorted(ENCODERS)), st.integers(1, 50))
    def test_round_trip_in_pieces(self, data, encoding, size):
        packed = ENCODERS[encoding](data)
        inflater = Inflater(encoding, len(data))
        pieces = [inflater.feed(packed[at : at + size]) for at in range(0, len(packed), size)]
        inflater.finish()
        assert b"".join(pieces) == data

    def test_bare_deflate_and_gzip_members(self):
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        assert Inflater("deflate", 99).feed(packer.compress(b"abc") + packer.flush()) == b"abc"
        members = gzip.compress(b"abc") + gzip.compress(b"def") + b"\0\0"
        assert Inflater("x-gzip", 99).feed(members) == b"abcdef"
        inflater = Inflater("gzip", 99)
        assert b"".join(inflater.feed(bytes([byte])) for byte in members) == b"abcdef"

    @pytest.mark.parametrize("encoding", ["gzip", "deflate"])
    def test_a_bomb_stops_at_the_limit(self, encoding):
        bomb = ENCODERS[encoding](bytes(100_000_000))
        tracemalloc.start()
        try:
            with pytest.raises(OverflowError):
                Inflater(encoding, 1_000_000).feed(bomb)
            assert tracemalloc.get_traced_memory()[1] < 5_000_000
        finally:
            tracemalloc.stop()

    def test_cut_off_or_false(self):
        inflater = Inflater("gzip", 99)
        inflater.feed(gzip.compress(b"abcdef")[:-9])
        with pytest.raises(EOFError):
            inflater.finish()
        with pytest.raises(ValueError, match="not gzip"):
            Inflater("gzip", 99).feed(b'{"a": 1}')
        with pytest.raises(ValueError, match="content encoding br"):
            Inflater("br", 99)
