"""Which addresses may be talked to, whatever their spelling and whoever led there."""

from __future__ import annotations

import ipaddress
import socket

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.jilinopen.harvest.decoding import clean_text
from ckanext.jilinopen.harvest.errors import PortalError
from ckanext.jilinopen.harvest.guard import (
    METADATA,
    AddressRefusedError,
    Guard,
    refusal,
    shown,
    system_addresses,
)

# Blocks that the registries call global and that we refuse all the same: tunnels and relays hide
# where they lead, and nothing that a portal needs lives in the protocol assignments.
REFUSED_THOUGH_GLOBAL = [
    ipaddress.ip_network(block)
    for block in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "168.63.129.16/32",
        "64:ff9b::/96",
        "2001::/23",
        "2002::/16",
        "::ffff:0:0/96",
        "3fff::/20",
        "fec0::/10",
    )
]

V4 = st.ip_addresses(v=4)
V6 = st.ip_addresses(v=6) | st.integers(0, 2**125 - 1).map(
    lambda number: ipaddress.IPv6Address(0x2 << 124 | number)
)


def answers(*addresses):
    """A resolver that always finds these."""
    return lambda host, port: addresses


@given(V4 | V6)
def test_only_public_addresses_pass(ip):
    """Agrees with the standard library, apart from the blocks listed above."""
    if refusal(ip) is None:
        assert ip.is_global
        assert not ip.is_multicast
        assert not ip.is_reserved
    elif ip.is_global and not ip.is_multicast and not ip.is_reserved:
        assert any(ip in block for block in REFUSED_THOUGH_GLOBAL)


@given(
    st.sampled_from(
        [
            "10.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "100.64.0.0/10",
            "172.16.0.0/12",
            "192.168.0.0/16",
        ]
    ),
    st.integers(0, 2**32 - 1),
)
def test_inner_addresses_do_not_pass_in_any_disguise(block, offset):
    network = ipaddress.IPv4Network(block)
    inner = int(network[offset % network.num_addresses])
    disguises = (
        inner,
        ipaddress.IPv6Address(inner),
        ipaddress.IPv6Address(0xFFFF << 32 | inner),
        ipaddress.IPv6Address(0x0064_FF9B << 96 | inner),
        ipaddress.IPv6Address(0x2002 << 112 | inner << 80),
    )
    for disguise in disguises:
        assert refusal(ipaddress.ip_address(disguise)) is not None


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("10.1.2.3", "private"),
        ("fd00::1", "private"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("100.64.0.1", "shared (100.64.0.0/10)"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::ffff:8.8.8.8", "IPv4-mapped"),
        ("64:ff9b::808:808", "NAT64"),
        ("2002:808:808::1", "6to4"),
        ("203.0.113.9", "documentation"),
        ("169.254.169.254", "cloud metadata"),
        ("::ffff:100.100.100.200", "cloud metadata"),
        ("4000::1", "reserved"),
        ("202.98.1.1", None),
        ("240e::1", None),
    ],
)
def test_names_the_rule(address, rule):
    assert refusal(address) == rule


@pytest.mark.parametrize("host", ["0x7f.1", "2130706433", "127.1", "0177.0.0.1", "localhost"])
def test_odd_spellings_of_loopback_are_seen_through(host):
    with pytest.raises(AddressRefusedError, match="loopback"):
        Guard().connectable(host, 80)


def test_keeps_the_public_ones_of_several_addresses():
    guard = Guard(resolve=answers("10.0.0.1", "202.98.1.1"))
    assert guard.connectable("portal.test", 80) == ["202.98.1.1"]


@pytest.mark.parametrize(
    ("entry", "host", "port", "allowed"),
    [
        ("10.1.0.0/16", "portal.test", 80, True),
        ("10.2.0.0/16", "portal.test", 80, False),
        ("10.1.2.3", "portal.test", 8080, True),
        ("10.1.2.3:8080", "portal.test", 8080, True),
        ("10.1.2.3:8080", "portal.test", 80, False),
        ("portal.test", "PORTAL.test.", 80, True),
        ("portal.test:80", "portal.test", 80, True),
        ("portal.test:80", "portal.test", 81, False),
        ("portal.test", "a.portal.test", 80, False),
        ("test", "portal.test", 80, False),
    ],
)
def test_allow_list(entry, host, port, allowed):
    guard = Guard(frozenset({entry}), resolve=answers("10.1.2.3"))
    if allowed:
        assert guard.connectable(host, port) == ["10.1.2.3"]
    else:
        with pytest.raises(AddressRefusedError, match="private"):
            guard.connectable(host, port)


def test_allow_list_reads_ipv6_and_chinese_names():
    guard = Guard(frozenset({"[::1]:80", "数据.测试"}), resolve=answers("::1"))
    assert guard.connectable("x.test", 80) == ["::1"]
    host = httpx.URL("http://数据.测试/").raw_host.decode()
    assert guard.connectable(host, 81) == ["::1"]


@pytest.mark.parametrize("address", sorted(map(str, METADATA)))
def test_cloud_metadata_is_never_allowed(address):
    entries = frozenset({address, "portal.test", "0.0.0.0/0", "::/0"})
    with pytest.raises(AddressRefusedError, match="cloud metadata"):
        Guard(entries, resolve=answers(address)).connectable("portal.test", 80)


@pytest.mark.parametrize("entry", ["", "a b", "http://x", "x:port", "x:0", "x:99999", "*.jl.cn"])
def test_bad_entries_are_named(entry):
    with pytest.raises(ValueError, match="not a host") as caught:
        Guard(frozenset({entry}))
    assert repr(entry) in str(caught.value)


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("", "no scheme"),
        ("data.changchun.gov.cn", "no scheme"),
        ("ftp://x/", "scheme ftp"),
        ("file:///etc/passwd", "scheme file"),
        ("http:///x", "no host"),
        ("http://u:secret@x/", "credentials in the address"),
        ("http://127.0.0.1\\@x/", "credentials in the address"),
        ("http://x:99999/", "port 99999"),
        ("http://x:y/", "not a URL"),
        ("http://x\r\nHost: y/", "not a URL"),
        ("http://\ud800/", "not a URL"),
    ],
)
def test_unusable_addresses(address, cause):
    with pytest.raises(PortalError) as caught:
        Guard().parse(address)
    assert (caught.value.code, caught.value.cause) == ("source.address_invalid", cause)
    assert "secret" not in str(caught.value)
    str(caught.value).encode()


@given(st.text())
def test_any_text_parses_or_is_refused(text):
    try:
        url = Guard().parse(text)
    except PortalError as error:
        outcome = (error.code, clean_text(error.address))
        address = error.address
    else:
        outcome = (url.scheme.removesuffix("s"), "")
        address = ""
    assert outcome in (("http", ""), ("source.address_invalid", address))


def test_messages_show_no_secrets():
    address = "https://u:pw1@x/a;jsessionid=pw2?page=2&app_key=pw3&keyword=公交&access_token=pw4#t"
    assert shown(address) == (
        "https://x/a;jsessionid=***?page=2&app_key=***&keyword=公交&access_token=***#t"
    )
    assert len(shown("http://x/" + "a" * 5000)) == 300


def test_unknown_names_are_a_system_error():
    with pytest.raises(socket.gaierror):
        system_addresses("a" * 70 + ".invalid", 80)
