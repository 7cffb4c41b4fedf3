"""Index settings: who wins, what is passed over, what uv is told and what it is not."""

# ruff: noqa: S106  (the credentials of nobody)

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bisectrix.errors import InfraError
from bisectrix.resolve.settings import BEST_MATCH, FIRST_INDEX, Index, IndexSettings


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine without any configuration file."""
    for name in ("home", "prefix", "etc", "work"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def discover(machine: Path) -> Callable[..., IndexSettings]:
    def discovered(**environ: str) -> IndexSettings:
        return IndexSettings.discover(
            {"HOME": str(machine / "home"), **environ},
            prefix=machine / "prefix",
            system=machine / "etc",
            folder=machine / "work",
        )

    return discovered


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


Discover = Callable[..., IndexSettings]


def test_without_any_word_about_it_the_default_index_is_asked_alone(discover: Discover) -> None:
    settings = discover()
    assert settings.indexes == (None,)
    assert (settings.find_links, settings.strategy, settings.notes) == ((), FIRST_INDEX, ())
    assert "UV_DEFAULT_INDEX" not in settings.uv_environment()


def test_pips_files_are_read_from_the_weakest_to_the_strongest(machine: Path, discover: Discover) -> None:
    write(machine / "etc/pip.conf", "[global]\nindex-url = http://machine/\ncert = /machine.pem\n")
    write(machine / "home/.pip/pip.conf", "[global]\nindex-url = http://legacy/\n")
    write(machine / "home/.config/pip/pip.conf", "[global]\nindex_url = http://user/\n")
    assert discover().default_index == Index(url="http://user/")
    write(machine / "prefix/pip.conf", "[global]\nindex-url = http://site/\n")
    assert discover().default_index == Index(url="http://site/")
    write(machine / "chosen", "[global]\nindex-url = http://chosen/\n")
    settings = discover(PIP_CONFIG_FILE=str(machine / "chosen"))
    assert settings.default_index == Index(url="http://chosen/")
    assert settings.certificates == "/machine.pem"


def test_the_install_section_of_a_weaker_file_wins_over_the_global_one_of_a_stronger(
    machine: Path, discover: Discover
) -> None:
    write(machine / "etc/pip.conf", "[install]\nindex-url = http://install/\n")
    write(machine / "home/.config/pip/pip.conf", "[global]\nindex-url = http://user/\n")
    assert discover().default_index == Index(url="http://install/")


def test_the_null_device_as_configuration_turns_all_of_pips_files_off(machine: Path, discover: Discover) -> None:
    write(machine / "etc/pip.conf", "[global]\nindex-url = http://machine/\n")
    assert discover(PIP_CONFIG_FILE="/dev/null").default_index is None


def test_each_setting_comes_from_uv_then_uvs_file_then_pips_variable_then_pips_file(
    machine: Path, discover: Discover
) -> None:
    write(machine / "home/.config/pip/pip.conf", "[global]\nindex-url = http://pip-file/\n")
    assert discover().default_index == Index(url="http://pip-file/")
    environ = {"PIP_INDEX_URL": "http://pip/"}
    assert discover(**environ).default_index == Index(url="http://pip/")
    write(machine / "home/.config/uv/uv.toml", '[[index]]\nurl = "http://uv-file/"\ndefault = true\n')
    assert discover(**environ).default_index == Index(url="http://uv-file/")
    environ["UV_INDEX_URL"] = "http://uv-old/"
    assert discover(**environ).default_index == Index(url="http://uv-old/")
    environ["UV_DEFAULT_INDEX"] = "http://uv/"
    assert discover(**environ).default_index == Index(url="http://uv/")


def test_extra_indexes_of_pip_are_lists_and_are_searched_as_pip_does(machine: Path, discover: Discover) -> None:
    write(machine / "home/.config/pip/pip.conf", "[global]\nextra-index-url =\n  http://a/\n  http://b/\n")
    settings = discover()
    assert settings.extra_indexes == (Index(url="http://a/"), Index(url="http://b/"))
    assert settings.strategy == BEST_MATCH
    assert discover(UV_INDEX_STRATEGY="first-index").strategy == FIRST_INDEX


def test_extra_indexes_of_uv_are_searched_as_uv_does(discover: Discover) -> None:
    settings = discover(
        UV_INDEX="ours=http://a/ http://b/", UV_EXTRA_INDEX_URL="http://c/", PIP_EXTRA_INDEX_URL="http://d/"
    )
    assert settings.extra_indexes == (
        Index(name="ours", url="http://a/"),
        Index(url="http://b/"),
        Index(url="http://c/"),
    )
    assert settings.strategy == FIRST_INDEX
    assert settings.uv_environment()["UV_INDEX"] == "ours=http://a/ http://b/ http://c/"


def test_an_index_of_uvs_file_that_serves_only_named_packages_is_none_of_ours(
    machine: Path, discover: Discover
) -> None:
    write(
        machine / "etc/uv/uv.toml",
        '[[index]]\nname = "x"\nurl = "http://x/"\nexplicit = true\n[[index]]\nname = "y"\nurl = "http://y/"\n',
    )
    assert discover().extra_indexes == (Index(name="y", url="http://y/"),)
    assert discover(UV_NO_CONFIG="1").extra_indexes == ()


def test_folders_that_do_not_exist_are_passed_over_with_a_note(machine: Path, discover: Discover) -> None:
    (machine / "work/wheels").mkdir()
    settings = discover(PIP_EXTRA_INDEX_URL="file:///nowhere/simple http://b/", PIP_FIND_LINKS="wheels /nowhere/wheels")
    assert settings.extra_indexes == (Index(url="http://b/"),)
    assert settings.find_links == (str(machine / "work/wheels"),)
    assert settings.notes == (
        "/nowhere/wheels is passed over: there is no such folder",
        "file:///nowhere/simple is passed over: there is no such folder",
    )


def test_a_default_index_that_does_not_exist_is_not_replaced_by_the_public_one(discover: Discover) -> None:
    assert discover(PIP_INDEX_URL="file:///nowhere/simple").default_index == Index(url="file:///nowhere/simple")


@pytest.mark.parametrize(("text", "expected"), [("1", True), ("true", True), ("0", False), ("no", False), ("", False)])
def test_truth_is_read_as_pip_reads_it(discover: Discover, text: str, *, expected: bool) -> None:
    assert discover(PIP_NO_INDEX=text).no_index is expected
    assert discover(UV_NO_INDEX=text).uv_arguments() == (("--no-index",) if expected else ())


def test_without_an_index_none_is_asked(discover: Discover) -> None:
    assert discover(PIP_NO_INDEX="1", PIP_EXTRA_INDEX_URL="http://a/").indexes == ()


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT"])
def test_certificates_reach_uv_whichever_variable_names_them(discover: Discover, variable: str) -> None:
    assert discover(**{variable: "/ca.pem"}).uv_environment()["SSL_CERT_FILE"] == "/ca.pem"


def test_hosts_trusted_by_pip_are_trusted_by_uv(discover: Discover) -> None:
    assert discover(PIP_TRUSTED_HOST="a b:81").uv_environment()["UV_INSECURE_HOST"] == "a b:81"


def test_uv_sees_nothing_that_could_change_a_resolution(discover: Discover) -> None:
    hostile = {
        "VIRTUAL_ENV": "/v",
        "UV_PYTHON": "3.9",
        "PYTHONPATH": "/p",
        "PIP_INDEX_URL": "http://a/",
        "UV_EXCLUDE_NEWER": "2020-01-01",
        "UV_RESOLUTION": "lowest",
        "UV_PRERELEASE": "allow",
        "UV_CONSTRAINT": "c.txt",
        "UV_CONFIG_FILE": "/dev/null",
        "AWS_SECRET_ACCESS_KEY": "s",
        "UV_PUBLISH_TOKEN": "t",
    }
    assert not hostile.keys() & discover(**hostile).uv_environment().keys()


def test_uv_sees_proxies_caches_and_credentials_for_named_indexes(discover: Discover, machine: Path) -> None:
    handed_on = {
        "https_proxy": "http://proxy:1",
        "NO_PROXY": "localhost",
        "UV_CACHE_DIR": "/cache",
        "UV_INDEX_OURS_PASSWORD": "hush-hush",
        "NETRC": "/n",
        "PATH": "/usr/bin",
    }
    environment = discover(**handed_on).uv_environment()
    assert handed_on.items() <= environment.items()
    assert environment["HOME"] == str(machine / "home")
    assert environment["UV_NO_CONFIG"] == "1"


def test_pips_proxy_is_ours_unless_a_variable_names_one(discover: Discover) -> None:
    assert discover(PIP_PROXY="http://p:1").uv_environment()["HTTPS_PROXY"] == "http://p:1"
    assert discover(PIP_PROXY="http://p:1", HTTPS_PROXY="http://q:1").uv_environment()["HTTPS_PROXY"] == "http://q:1"


def test_credentials_come_from_the_address_or_from_the_variables_of_the_name(discover: Discover) -> None:
    settings = discover(
        UV_INDEX="our-own=http://a/ http://u:p%40ss@b/", UV_INDEX_OUR_OWN_USERNAME="me", UV_INDEX_OUR_OWN_PASSWORD="pw"
    )
    assert [settings.credentials(index) for index in settings.extra_indexes] == [("me", "pw"), ("u", "p@ss")]
    assert settings.credentials(Index(url="http://c/")) is None


def test_the_redactor_knows_every_credential_and_the_settings_never_show_one(discover: Discover) -> None:
    settings = discover(
        UV_INDEX="a=http://user:first%2Bsecret@a/",
        PIP_FIND_LINKS="http://token-alone@b/",
        HTTPS_PROXY="http://p:proxy-secret@c:1",
        UV_INDEX_A_PASSWORD="named-secret",
    )
    for secret in ("first%2Bsecret", "first+secret", "token-alone", "proxy-secret", "named-secret"):
        assert secret not in settings.redactor(f"uv said {secret}, twice: {secret}")
        assert secret not in repr(settings)
        assert secret not in repr(settings.redactor)


def test_a_configuration_file_that_cannot_be_read_is_named_but_not_quoted(machine: Path, discover: Discover) -> None:
    write(machine / "etc/pip.conf", "index-url = http://u:hidden-word@a/\n")
    with pytest.raises(InfraError, match="MissingSectionHeaderError") as caught:
        discover()
    assert caught.value.place == str(machine / "etc/pip.conf")
    assert "hidden-word" not in str(caught.value)


def test_a_percent_sign_in_a_password_is_taken_as_it_stands(machine: Path, discover: Discover) -> None:
    write(machine / "etc/pip.conf", "[global]\nindex-url = http://u:a%40b@a/\n")
    assert discover().default_index == Index(url="http://u:a%40b@a/")
